package dev.profilepic.receiver.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.ConfigurationDoc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Each setting that a page names is also in docs/configuration.md, where a reader finds it. */
class NamedSettingsTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern PROPERTY = Pattern.compile("(?<=`)profile-pic(?:\\.[a-z0-9-]+)+");
  private static final Pattern VARIABLE = Pattern.compile("\\bPROFILE_PIC_[A-Z0-9_]*[A-Z0-9]\\b");

  @Test
  void pagesNamePropertiesThatExist() throws IOException {
    var known = properties();

    for (var page : pages()) {
      assertThat(all(PROPERTY, Files.readString(page)))
          .as(page.toString())
          .allSatisfy(
              name -> assertThat(known).anyMatch(it -> isWithin(it, name) || isWithin(name, it)));
    }
  }

  @Test
  void pagesNameVariablesThatExist() throws IOException {
    var known = new TreeSet<String>();
    for (var file :
        files("docs/configuration.md", "docker-compose.yml", ".env.example", "bin", "deploy")) {
      known.addAll(all(VARIABLE, Files.readString(file)));
    }
    properties().forEach(name -> known.add(ConfigurationDoc.variable(name)));
    // This variable is for developers.
    known.add("PROFILE_PIC_TEST_DATABASE_URL");

    for (var page : pages()) {
      assertThat(all(VARIABLE, Files.readString(page)))
          .as(page.toString())
          .allSatisfy(name ->
              assertThat(known)
                  .anyMatch(it ->
                      it.startsWith(name.replaceAll("_FILE$", "")) || name.startsWith(it + "_")));
    }
  }

  /**
   * Returns whether {@code name} is {@code outer} or an entry of a map, such as the secret of one
   * kind of webhook.
   */
  private static boolean isWithin(String outer, String name) {
    return (name + ".").startsWith(outer + ".");
  }

  private static Set<String> properties() throws IOException {
    var names = new TreeSet<String>();
    for (var service : List.of("receiver", "worker", "migrator")) {
      names.addAll(new ConfigurationDoc(service).documented().keySet());
    }
    return names;
  }

  private static Set<String> all(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(found -> found.group())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<Path> pages() throws IOException {
    return files(
            "README.md",
            "README.pt-BR.md",
            "CONTRIBUTING.md",
            "docs",
            "receiver-service/README.md",
            "worker-service/README.md")
        .stream()
        .filter(file -> file.toString().endsWith(".md"))
        .toList();
  }

  private static List<Path> files(String... names) throws IOException {
    var files = new TreeSet<Path>();
    for (var name : names) {
      try (var found = Files.walk(ROOT.resolve(name))) {
        found.filter(Files::isRegularFile).filter(file -> !isPicture(file)).forEach(files::add);
      }
    }
    return List.copyOf(files);
  }

  private static boolean isPicture(Path file) {
    return file.toString().matches(".*\\.(png|jpg|webp)");
  }
}
