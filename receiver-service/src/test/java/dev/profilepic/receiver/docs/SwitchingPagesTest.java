package dev.profilepic.receiver.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The pages that people follow literally name nothing that the API and the configuration do not
 * have, and say the same in both languages.
 */
class SwitchingPagesTest {

  private static final Path ROOT = Path.of("..");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What gateways call their own paths and headers. */
  private static final Set<String> PATHS_OF_OTHERS =
      Set.of("/baileys/profilePictureUrl", "/chat/fetchProfilePictureUrl", "/webhook/lead-photo");

  private static final Set<String> HEADERS_OF_OTHERS = Set.of("content-type", "retry-after");

  private static final Pattern FENCE = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```");
  private static final Pattern CODE = Pattern.compile("`([^`\\n]+)`");
  private static final Pattern ROUTE = Pattern.compile("(?:([A-Z]+) )?(/[a-z][^\\s?]*)");
  private static final Pattern CURL =
      Pattern.compile("(?m)^curl (?:'[^']*'|\"[^\"]*\"|\\\\\\n|[^'\"\\n])*");
  private static final Pattern OUR_URL =
      Pattern.compile("(?:\"\\$PROFILE_PIC|127\\.0\\.0\\.1:8080)(/[^\"\\s]*)");
  private static final Pattern VARIABLE = Pattern.compile("\\bPROFILE_PIC_[A-Z0-9_]*[A-Z0-9]");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^(#+) (.*)$");

  private static final JsonNode API =
      JSON.valueToTree(
          new Yaml().<Map<String, Object>>load(read(Path.of("src/main/resources/openapi.yaml"))));

  static List<Path> pages() {
    return Stream.concat(english().stream(), english().stream().map(SwitchingPagesTest::portuguese))
        .toList();
  }

  static List<Path> english() {
    return Stream.of(
            "README.md",
            "docs/evolution.md",
            "docs/waha.md",
            "docs/n8n.md",
            "docs/vps.md",
            "docs/supabase.md")
        .map(ROOT::resolve)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyPathIsOneOfTheApi(Path page) {
    var text = read(page);
    for (var span : CODE.matcher(withoutFences(text)).results().toList()) {
      var route = ROUTE.matcher(span.group(1));
      if (route.matches() && !PATHS_OF_OTHERS.contains(route.group(2))) {
        assertThat(operation(route.group(1), route.group(2))).as(span.group(1)).isPresent();
      }
    }
    var kinds = API.at("/components/parameters/kind/schema/enum").toString();
    Pattern.compile("/webhooks/([a-z-]+)")
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .filter(kind -> !kind.equals("unrecognised"))
        .forEach(kind -> assertThat(kinds).as(page.toString()).contains("\"" + kind + "\""));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyCommandIsACallThatTheApiHas(Path page) {
    for (var curl : curls(page)) {
      var url = OUR_URL.matcher(curl);
      var body = after(" -d ", curl).filter(text -> text.startsWith("{"));
      body.ifPresent(text -> assertThat(JSON.readTree(text).isObject()).as(curl).isTrue());
      if (url.find()) {
        var method = after(" -X ", curl).orElse(curl.contains(" -d ") ? "POST" : "GET");
        var operation = operation(method, url.group(1));
        assertThat(operation).as(method + " " + url.group(1)).isPresent();
        body.ifPresent(
            text -> namesAreKnown(JSON.readTree(text), bodyOf(operation.orElseThrow()), curl));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyHeaderIsOneThatIsRead(Path page) {
    var read = new StringBuilder(API.toString());
    for (var source : List.of("PresentedKey", "SignatureAuthentication", "PresentedSignature")) {
      read.append(read(Path.of("src/main/java/dev/profilepic/receiver/auth/" + source + ".java")));
    }
    var known = read.toString().toLowerCase(Locale.ROOT);
    for (var curl : curls(page).stream().filter(it -> OUR_URL.matcher(it).find()).toList()) {
      Pattern.compile("-H ['\"]([A-Za-z-]+):")
          .matcher(curl)
          .results()
          .map(found -> found.group(1).toLowerCase(Locale.ROOT))
          .filter(name -> !HEADERS_OF_OTHERS.contains(name))
          .forEach(name -> assertThat(known).as(curl).contains(name));
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyVariableIsInTheTableOfTheConfiguration(Path page) {
    var known = read(ROOT.resolve("docs/configuration.md"));
    var elsewhere = Set.of("PROFILE_PIC_WORKER_CONCURRENCY", "PROFILE_PIC_TEST_DATABASE");
    for (var name : new TreeSet<>(found(VARIABLE, read(page)))) {
      assertThat(
              known.contains("`" + name + "`")
                  || elsewhere.contains(name)
                  || name.equals("PROFILE_PIC_TEST_DATABASE_URL"))
          .as(name)
          .isTrue();
    }
    for (var fence : fences(page, "ini")) {
      for (var name : found(Pattern.compile("(?m)^[A-Z_]+(?==)"), fence)) {
        assertThat(name).matches("(PROFILE_PIC|WEBHOOK|WHATSAPP_HOOK)_.+");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyAnswerThatIsShownHasFieldsOfTheApi(Path page) {
    var names = new TreeSet<String>();
    collectNames(API, names);
    for (var answer : fences(page, "json")) {
      JSON.readTree(answer)
          .forEachEntry((name, value) -> assertThat(names).as(answer).contains(name));
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyLinkLeadsSomewhere(Path page) {
    for (var link : found(LINK, withoutFences(read(page)))) {
      if (link.startsWith("https://")) {
        continue;
      }
      var parts = link.split("#", 2);
      var target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
      assertThat(target).as(link).exists();
      if (parts.length == 2) {
        assertThat(anchors(target)).as(link).contains(parts[1]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("english")
  void thePortuguesePageHasTheSameCommandsAndHeadings(Path page) {
    var other = portuguese(page);

    assertThat(commands(other)).containsExactlyElementsOf(commands(page));
    assertThat(levels(other)).isEqualTo(levels(page));
    assertThat(read(page)).contains("](" + relative(page, other) + ")");
    assertThat(read(other)).contains("](" + relative(other, page) + ")");
    if (!page.endsWith("README.md")) {
      assertThat(rows(other)).as("rows of tables").isEqualTo(rows(page));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lead-photo", "bulk-sync", "evolution-in-front"})
  void aWorkflowForN8nCallsWhatTheApiHasAndConnectsNodesThatAreThere(String name) {
    var text = read(ROOT.resolve("examples/n8n/" + name + ".json"));
    var workflow = JSON.readTree(text);
    var nodes = new TreeSet<String>();
    workflow.path("nodes").forEach(node -> nodes.add(node.path("name").asString()));

    assertThat(workflow.path("nodes").size()).isEqualTo(nodes.size()).isPositive();
    workflow
        .path("connections")
        .forEachEntry((from, to) -> {
          assertThat(nodes).contains(from);
          to.path("main")
              .forEach(branch ->
                  branch.forEach(next -> assertThat(nodes).contains(next.path("node").asString())));
        });
    assertThat(nodes).containsAll(found(Pattern.compile("\\$\\('([^']+)'\\)"), text));
    for (var node : workflow.path("nodes")) {
      if (node.path("type").asString().equals("n8n-nodes-base.httpRequest")) {
        callsTheApi(node.path("parameters"));
      }
    }
  }

  private static void callsTheApi(JsonNode parameters) {
    var receiver = "={{ $('Settings').first().json.receiver }}";
    var url = parameters.path("url").asString();
    assertThat(url).startsWith(receiver);
    var path = url.substring(receiver.length()).replaceAll("\\{\\{.*?}}", "x");
    var operation = operation(parameters.path("method").asString("GET"), path);

    assertThat(operation).as(path).isPresent();
    var properties = bodyOf(operation.orElseThrow()).path("properties");
    found(Pattern.compile("[{,] (\\w+):"), parameters.path("jsonBody").asString(""))
        .forEach(name -> assertThat(properties.has(name)).as(path + " " + name).isTrue());
  }

  /** The operation of a path, whatever stands for its parameters; any method when it is null. */
  private static Optional<JsonNode> operation(@Nullable String method, String path) {
    var wanted = path.split("/", -1);
    for (var template : API.path("paths").propertyNames()) {
      var item = API.path("paths").path(template);
      if (fits(template.split("/", -1), wanted)) {
        var operation =
            method == null ? item.iterator().next() : item.path(method.toLowerCase(Locale.ROOT));
        if (!operation.isMissingNode()) {
          return Optional.of(operation);
        }
      }
    }
    return Optional.empty();
  }

  private static boolean fits(String[] template, String[] wanted) {
    boolean fits = template.length == wanted.length;
    for (int i = 0; fits && i < template.length; i++) {
      fits = template[i].startsWith("{") ? !wanted[i].isEmpty() : template[i].equals(wanted[i]);
    }
    return fits;
  }

  private static JsonNode bodyOf(JsonNode operation) {
    return resolved(operation.at("/requestBody/content/application~1json/schema"));
  }

  /** Where the schema names its properties, and no further. */
  private static void namesAreKnown(JsonNode value, JsonNode schema, String where) {
    var properties = schema.path("properties");
    if (value.isObject() && properties.isObject()) {
      value.forEachEntry((name, inner) -> {
        assertThat(properties.has(name)).as("%s: %s", name, where).isTrue();
        namesAreKnown(inner, resolved(properties.path(name)), where);
      });
    }
    value.forEach(item -> {
      if (value.isArray()) {
        namesAreKnown(item, resolved(schema.path("items")), where);
      }
    });
  }

  private static JsonNode resolved(JsonNode schema) {
    var one = schema.has("oneOf") ? schema.path("oneOf").path(0) : schema;
    return one.has("$ref") ? API.at(one.path("$ref").asString().substring(1)) : one;
  }

  private static void collectNames(JsonNode node, Set<String> names) {
    node.path("properties").propertyNames().forEach(names::add);
    node.forEach(inner -> collectNames(inner, names));
  }

  /** Shell variables inside of bodies stand for themselves. */
  private static List<String> curls(Path page) {
    var curls = new ArrayList<String>();
    for (var fence : fences(page, "sh")) {
      curls.addAll(found(CURL, fence.replaceAll("'\"\\$(\\w+)\"'", "$1")));
    }
    return curls;
  }

  private static Optional<String> after(String option, String curl) {
    return Pattern.compile(Pattern.quote(option) + "(?:'([^']*)'|\"([^\"]*)\"|(\\S+))")
        .matcher(curl)
        .results()
        .findFirst()
        .map(found ->
            Stream.of(1, 2, 3)
                .map(found::group)
                .filter(java.util.Objects::nonNull)
                .findFirst()
                .orElseThrow());
  }

  /** What is in fences, without comments. */
  private static List<String> commands(Path page) {
    return FENCE
        .matcher(read(page))
        .results()
        .map(found -> found.group(2).replaceAll("(?m)\\s+(#|//) .*$", ""))
        .toList();
  }

  private static List<String> fences(Path page, String language) {
    return FENCE
        .matcher(read(page))
        .results()
        .filter(found -> found.group(1).equals(language))
        .map(found -> found.group(2))
        .toList();
  }

  private static List<Integer> levels(Path page) {
    return HEADING
        .matcher(withoutFences(read(page)))
        .results()
        .map(found -> found.group(1).length())
        .toList();
  }

  private static long rows(Path page) {
    return read(page).lines().filter(line -> line.startsWith("|")).count();
  }

  /** Headings as GitHub makes anchors of them. */
  private static List<String> anchors(Path page) {
    return HEADING
        .matcher(withoutFences(read(page)))
        .results()
        .map(found ->
            found
                .group(2)
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-'))
        .toList();
  }

  private static List<String> found(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.groupCount() == 0 ? found.group() : found.group(1))
        .toList();
  }

  private static String withoutFences(String text) {
    return FENCE.matcher(text).replaceAll("");
  }

  private static Path portuguese(Path page) {
    var name = page.getFileName().toString();
    return name.equals("README.md")
        ? page.resolveSibling("README.pt-BR.md")
        : page.resolveSibling("pt-BR").resolve(name);
  }

  private static String relative(Path from, Path to) {
    return from.relativize(to).toString().substring("../".length());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
