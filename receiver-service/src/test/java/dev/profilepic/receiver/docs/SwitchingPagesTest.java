package dev.profilepic.receiver.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The pages with instructions name only things that exist in the API and the configuration. Both
 * languages have the same content.
 */
class SwitchingPagesTest {

  private static final Path ROOT = Path.of("..");

  /** Paths that belong to gateways, not to this API. */
  private static final Set<String> PATHS_OF_OTHERS =
      Set.of("/baileys/profilePictureUrl", "/chat/fetchProfilePictureUrl", "/webhook/lead-photo");

  private static final Set<String> HEADERS_OF_OTHERS = Set.of("content-type", "retry-after");
  private static final Pattern CODE = Pattern.compile("`([^`\\n]+)`");
  private static final Pattern ROUTE = Pattern.compile("(?:([A-Z]+) )?(/[a-z][^\\s?]*)");
  private static final Pattern CURL =
      Pattern.compile("(?m)^curl (?:'[^']*'|\"[^\"]*\"|\\\\\\n|[^'\"\\n])*");
  private static final Pattern OUR_URL =
      Pattern.compile("(?:\"\\$PROFILE_PIC|127\\.0\\.0\\.1:8080)(/[^\"\\s]*)");
  private static final Pattern VARIABLE = Pattern.compile("\\bPROFILE_PIC_[A-Z0-9_]*[A-Z0-9]");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

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
    var text = Markdown.read(page);
    for (var span : CODE.matcher(Markdown.withoutFences(text)).results().toList()) {
      var route = ROUTE.matcher(span.group(1));
      if (route.matches() && !PATHS_OF_OTHERS.contains(route.group(2))) {
        assertThat(DescribedApi.operation(route.group(1), route.group(2)))
            .as(span.group(1))
            .isPresent();
      }
    }
    var kinds = DescribedApi.API.at("/components/parameters/kind/schema/enum").toString();
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
      body.ifPresent(
          text -> assertThat(DescribedApi.JSON.readTree(text).isObject()).as(curl).isTrue());
      if (url.find()) {
        var method = after(" -X ", curl).orElse(curl.contains(" -d ") ? "POST" : "GET");
        var operation = DescribedApi.operation(method, url.group(1));
        assertThat(operation).as(method + " " + url.group(1)).isPresent();
        body.ifPresent(text ->
            DescribedApi.namesAreKnown(
                DescribedApi.JSON.readTree(text),
                DescribedApi.bodyOf(operation.orElseThrow()),
                curl));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyHeaderIsOneThatIsRead(Path page) {
    var read = new StringBuilder(DescribedApi.API.toString());
    for (var source : List.of("PresentedKey", "SignatureAuthentication", "PresentedSignature")) {
      read.append(
          Markdown.read(Path.of("src/main/java/dev/profilepic/receiver/auth/" + source + ".java")));
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
    var known = Markdown.read(ROOT.resolve("docs/configuration.md"));
    var elsewhere = Set.of("PROFILE_PIC_WORKER_CONCURRENCY", "PROFILE_PIC_TEST_DATABASE");
    for (var name : new TreeSet<>(Markdown.found(VARIABLE, Markdown.read(page)))) {
      assertThat(
              known.contains("`" + name + "`")
                  || elsewhere.contains(name)
                  || name.equals("PROFILE_PIC_TEST_DATABASE_URL"))
          .as(name)
          .isTrue();
    }
    for (var fence : Markdown.fences(page, "ini")) {
      for (var name : Markdown.found(Pattern.compile("(?m)^[A-Z_]+(?==)"), fence)) {
        assertThat(name).matches("(PROFILE_PIC|WEBHOOK|WHATSAPP_HOOK)_.+");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyAnswerThatIsShownHasFieldsOfTheApi(Path page) {
    var names = new TreeSet<String>();
    DescribedApi.collectNames(DescribedApi.API, names);
    for (var answer : Markdown.fences(page, "json")) {
      DescribedApi.JSON
          .readTree(answer)
          .forEachEntry((name, value) -> assertThat(names).as(answer).contains(name));
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyLinkLeadsSomewhere(Path page) {
    for (var link : Markdown.found(LINK, Markdown.withoutFences(Markdown.read(page)))) {
      if (link.startsWith("https://")) {
        continue;
      }
      var parts = link.split("#", 2);
      var target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
      assertThat(target).as(link).exists();
      if (parts.length == 2) {
        assertThat(Markdown.anchors(target)).as(link).contains(parts[1]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("english")
  void thePortuguesePageHasTheSameCommandsAndHeadings(Path page) {
    var other = portuguese(page);

    assertThat(Markdown.commands(other)).containsExactlyElementsOf(Markdown.commands(page));
    assertThat(Markdown.levels(other)).isEqualTo(Markdown.levels(page));
    assertThat(Markdown.read(page)).contains("](" + relative(page, other) + ")");
    assertThat(Markdown.read(other)).contains("](" + relative(other, page) + ")");
    if (!page.endsWith("README.md")) {
      assertThat(Markdown.rows(other)).as("rows of tables").isEqualTo(Markdown.rows(page));
    }
  }

  /** Returns the curl commands. A shell variable inside a body is replaced by its name. */
  private static List<String> curls(Path page) {
    var curls = new ArrayList<String>();
    for (var fence : Markdown.fences(page, "sh")) {
      curls.addAll(Markdown.found(CURL, fence.replaceAll("'\"\\$(\\w+)\"'", "$1")));
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

  private static Path portuguese(Path page) {
    var name = page.getFileName().toString();
    return name.equals("README.md")
        ? page.resolveSibling("README.pt-BR.md")
        : page.resolveSibling("pt-BR").resolve(name);
  }

  private static String relative(Path from, Path to) {
    return from.relativize(to).toString().substring("../".length());
  }
}
