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
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What holds for every service of every compose file, those to come included. */
class ComposeTest {

  private static final Path ROOT = Path.of("..");
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<String> INSIDE_ONLY = List.of("9080", "9081", "5432");

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

    if (image.startsWith("profile-pic/")) {
      assertThat(service.path("build").path("context").asString("")).isNotEmpty();
    } else {
      assertThat(image).matches("\\$\\{[A-Z]+_IMAGE:-[^}]+}");
      var variable = image.substring(2, image.indexOf(':'));
      var tag = image.substring(image.indexOf(":-") + 2, image.length() - 1);
      assertThat(read(".env.example")).contains("\n" + variable + "=" + tag + "\n");
    }
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
  void nobodyButTheMigratorAndTheRolesLogsInAsTheSuperuser(JsonNode service) {
    var environment = service.path("environment").toString();

    if (environment.contains("postgres://postgres@")
        || environment.contains("\"PROFILE_PIC_DATABASE_USER\":\"postgres\"")) {
      assertThat(service.path("restart").asString())
          .as("it only prepares the database")
          .isEqualTo("no");
    }
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

  /** Every service of every file, merged over those of the first, as compose does. */
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
      var options = new LoaderOptions();
      options.setMaxAliasesForCollections(200);
      JsonNode document =
          JSON.valueToTree(new Yaml(options).<Map<String, Object>>load(Files.readString(file)));
      document
          .path("services")
          .forEachEntry((name, service) ->
              merged.merge(
                  name,
                  service,
                  (below, above) -> JSON.readerForUpdating(below.deepCopy()).readValue(above)));
    }
    return merged;
  }

  private static String read(String file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }
}
