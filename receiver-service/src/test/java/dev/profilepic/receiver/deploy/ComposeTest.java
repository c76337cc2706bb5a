package dev.profilepic.receiver.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Invariants of every service in every compose file, including future files. */
class ComposeTest {

  private static final Path ROOT = Path.of("..");
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<String> INSIDE_ONLY = List.of("9080", "9081", "5432");

  /** The prefix of the project's images, both when built here and when pulled from a registry. */
  private static final String OURS = "${PROFILE_PIC_REGISTRY:-localhost}/profile-pic/";

  private static final String OUR_TAG = ":${PROFILE_PIC_VERSION:-latest}";
  private static final long SMALL_MACHINE_MEGABYTES = 2048;

  @ParameterizedTest
  @MethodSource("services")
  void itHasNoPrivilegesAndWritesNothingButVolumesAndMemory(JsonNode service) {
    assertThat(service.path("cap_drop").toString()).isEqualTo("[\"ALL\"]");
    assertThat(service.has("cap_add")).isFalse();
    assertThat(service.path("privileged").asBoolean(false)).isFalse();
    assertThat(service.path("security_opt").toString()).isEqualTo("[\"no-new-privileges:true\"]");
    assertThat(service.path("read_only").asBoolean(false)).isTrue();
    assertThat(service.path("tmpfs").toString()).contains("\"/tmp\"");
  }

  @ParameterizedTest
  @MethodSource("services")
  void anImageOfOursHasABuildAndOneOfOthersCanBePinnedByItsDigest(JsonNode service)
      throws IOException {
    var image = service.path("image").asString();

    if (service.has("build")) {
      assertThat(service.path("build").path("context").asString("")).isNotEmpty();
      assertThat(image).startsWith(OURS).endsWith(OUR_TAG);
    } else {
      assertThat(image).matches("\\$\\{[A-Z]+_IMAGE:-[^}]+}");
      var variable = image.substring(2, image.indexOf(':'));
      var tag = image.substring(image.indexOf(":-") + 2, image.length() - 1);
      assertThat(read(".env.example")).contains("\n" + variable + "=" + tag + "\n");
    }
  }

  @Test
  void theNamesOfOurImagesPointNowhereUntilSomebodySaysWhoPublishedThem() throws IOException {
    assertThat(read(".env.example"))
        .contains("\nPROFILE_PIC_REGISTRY=localhost\n")
        .contains("\nPROFILE_PIC_VERSION=latest\n");
  }

  @ParameterizedTest
  @MethodSource("services")
  void itsMemoryIsLimited(JsonNode service) {
    assertThat(megabytes(service)).isPositive();
  }

  @Test
  void whatStartsWithoutBeingAskedForFitsASmallMachine() throws IOException {
    var usual = new LinkedHashMap<String, Long>();
    merged(files().getFirst())
        .forEach((name, service) -> {
          var profiles = service.path("profiles");
          if (profiles.isEmpty() || profiles.toString().equals("[\"database\"]")) {
            usual.put(name, megabytes(service));
          }
        });

    assertThat(usual).containsKeys("postgres", "receiver", "worker", "bridge", "prometheus");
    long sum = usual.values().stream().mapToLong(Long::longValue).sum();
    assertThat(sum).as("%s", usual).isLessThanOrEqualTo(SMALL_MACHINE_MEGABYTES);
    assertThat(read("docs/containers.md")).as("says the sum").contains(sum + " MB");
  }

  @ParameterizedTest
  @MethodSource("dockerfiles")
  void baseImagesCanBePinnedByTheirDigests(Path dockerfile) throws IOException {
    var names = Files.readAllLines(dockerfile);
    for (var line : names.stream().filter(it -> it.startsWith("FROM ")).toList()) {
      var base = line.split(" ", -1)[1];
      boolean earlierStage = names.stream().anyMatch(it -> it.endsWith(" AS " + base));
      assertThat(earlierStage || base.matches("\\$\\{[A-Z]+_IMAGE}")).as(line).isTrue();
    }
    for (var argument : names.stream().filter(it -> it.matches("ARG [A-Z]+_IMAGE=.*")).toList()) {
      assertThat(read(".env.example")).contains("\n" + argument.substring("ARG ".length()) + "\n");
    }
  }

  @ParameterizedTest
  @MethodSource("services")
  void whatIsPublishedIsMeantForOthersAndListensOnLoopbackUnlessToldOtherwise(JsonNode service) {
    service
        .path("ports")
        .forEach(port -> {
          assertThat(port.asString())
              .matches("(127\\.0\\.0\\.1|\\$\\{BIND_ADDRESS:-127\\.0\\.0\\.1}):.*");
          assertThat(INSIDE_ONLY).noneMatch(inside -> port.asString().endsWith(":" + inside));
        });
  }

  @ParameterizedTest
  @MethodSource("services")
  void onlyWhatPreparesTheDatabaseOrIsCalledByHandLogsInAsItsOwner(JsonNode service) {
    var environment = service.path("environment");

    if (environment.toString().contains("postgres@")
        || environment.path("PROFILE_PIC_DATABASE_USER").asString("").contains(":-postgres}")) {
      assertThat(service.path("restart").asString()).as("it ends by itself").isEqualTo("no");
    }
  }

  @ParameterizedTest
  @MethodSource("services")
  void theDatabaseMayBeElsewhere(JsonNode service) {
    assertThat(service.path("depends_on").has("postgres"))
        .as("compose would start it, or refuse")
        .isFalse();
    service
        .path("environment")
        .forEach(value -> {
          if (value.asString("").contains("postgres:5432")) {
            assertThat(value.asString()).as("can be set").startsWith("${");
          }
        });
  }

  @ParameterizedTest
  @MethodSource("files")
  void whatReceiverAndWorkerMustKnowAlikeReachesBoth(List<Path> files) throws IOException {
    var services = merged(files);

    for (var name :
        List.of(
            "PROFILE_PIC_DEFAULT_INSTANCE",
            "PROFILE_PIC_PACE_PER_MINUTE",
            "PROFILE_PIC_AVATARS_SIGNING_SECRET",
            "PROFILE_PIC_AVATARS_BASE_URL",
            "PROFILE_PIC_PICTURE_URLS_TRUSTED_ORIGINS")) {
      var receiver = services.get("receiver").path("environment").path(name);
      assertThat(receiver)
          .as(name)
          .isEqualTo(services.get("worker").path("environment").path(name));
    }
  }

  @Test
  void everyVariableThatMustBeSetIsInTheExampleAndGetsASecret() throws IOException {
    var required =
        java.util.regex.Pattern.compile("\\$\\{([A-Z_]+):\\?")
            .matcher(read("docker-compose.yml"))
            .results()
            .map(it -> it.group(1))
            .distinct()
            .toList();

    assertThat(required)
        .isNotEmpty()
        .allSatisfy(name -> {
          assertThat(read(".env.example")).contains("\n" + name + "=\n");
          assertThat(read("deploy/make-env")).contains(name + "=");
        });
  }

  /** The commands are available in containers, without a JDK and the sources of this repository. */
  @ParameterizedTest
  @CsvSource({
    "bin/api-key, api-key, receiver",
    "bin/doctor, doctor, worker",
    "bin/erase, privacy, receiver",
    "bin/export, privacy, receiver",
    "bin/move-store, move-store, worker"
  })
  void aCommandRunsInAContainerToo(String script, String name, String image) throws IOException {
    var service = merged(files().getFirst()).get(name);
    var command =
        java.util.regex.Pattern.compile("dev\\.profilepic\\.[A-Za-z.]+")
            .matcher(read(script))
            .results()
            .map(it -> it.group())
            .findFirst()
            .orElseThrow();

    assertThat(service.path("entrypoint").toString()).endsWith("\"app.jar\",\"" + command + "\"]");
    assertThat(service.path("build").path("target").asString()).isEqualTo(image);
    assertThat(service.path("profiles").toString()).as("not with `up`").isEqualTo("[\"tools\"]");
    assertThat(service.path("environment").path("PROFILE_PIC_DATABASE_USER").asString())
        .as("it asks as the owner of the database")
        .contains(":-postgres}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"privacy", "move-store"})
  void whatForgetsShowsOrMovesPhotosKnowsTheStoreAndThePeopleAsTheServicesDo(String name)
      throws IOException {
    var services = merged(files().getFirst());
    var told = services.get(name).path("environment");
    var receiver = services.get("receiver").path("environment");

    var needed =
        receiver.propertyNames().stream()
            .filter(it ->
                it.startsWith("PROFILE_PIC_STORE_")
                    || it.equals("PROFILE_PIC_ERASURE_KEY")
                    || it.equals("PROFILE_PIC_DATABASE_URL"))
            .toList();
    assertThat(needed)
        .hasSizeGreaterThan(7)
        .allSatisfy(variable ->
            assertThat(told.path(variable)).as(variable).isEqualTo(receiver.path(variable)));
  }

  static List<List<Path>> files() {
    return List.of(
        List.of(ROOT.resolve("docker-compose.yml")),
        List.of(
            ROOT.resolve("docker-compose.yml"), ROOT.resolve("docker-compose.fake-whatsapp.yml")));
  }

  static Stream<Path> dockerfiles() {
    return Stream.of(
            "Dockerfile", "baileys-bridge/Dockerfile", "baileys-bridge/fake-whatsapp.Dockerfile")
        .map(ROOT::resolve);
  }

  /**
   * Returns every service of every file, merged over the services of the first file as compose
   * does.
   */
  static Stream<Named<JsonNode>> services() throws IOException {
    try (var files = Files.newDirectoryStream(ROOT, "docker-compose*.yml")) {
      var services = new LinkedHashMap<String, JsonNode>();
      for (var file : files) {
        var base = ROOT.resolve("docker-compose.yml");
        merged(file.equals(base) ? List.of(base) : List.of(base, file))
            .forEach((name, service) -> services.put(file.getFileName() + " " + name, service));
      }
      return services.entrySet().stream()
          .map(service -> Named.of(service.getKey(), service.getValue()));
    }
  }

  private static Map<String, JsonNode> merged(List<Path> files) throws IOException {
    var merged = new LinkedHashMap<String, JsonNode>();
    for (var file : files) {
      document(file)
          .path("services")
          .forEachEntry((name, service) ->
              merged.merge(
                  name,
                  service,
                  (below, above) -> JSON.readerForUpdating(below.deepCopy()).readValue(above)));
    }
    return merged;
  }

  private static long megabytes(JsonNode service) {
    var limit = service.path("mem_limit").asString("");
    assertThat(limit).as("mem_limit").matches("[1-9][0-9]*m");
    return Long.parseLong(limit.substring(0, limit.length() - 1));
  }

  static JsonNode document(Path file) throws IOException {
    var options = new LoaderOptions();
    options.setMaxAliasesForCollections(200);
    return JSON.valueToTree(new Yaml(options).<Map<String, Object>>load(Files.readString(file)));
  }

  private static String read(String file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }
}
