package dev.profilepic.receiver.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Each JVM that the project starts ends when memory runs out, instead of losing some threads. */
class OutOfMemoryTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final List<String> PLACES = List.of("bin", "bench", "deploy", "Dockerfile");
  private static final Pattern START =
      Pattern.compile(
          "(?<!: )'java', |bin/java'\\), |\\[\"java\",|exec java |/bin/java\" |^\\s*java"
              + " (?:-(?!D)|\"\\$@\")");
  private static final int LINES_OF_A_START = 3;

  /**
   * Calls of functions in bin/lib/services.mjs that make the arguments of a start. The tests of
   * that file check that each function sets the option.
   */
  private static final List<String> MADE = List.of("...jvm(", "program(root, ", "service(root, ");

  @Test
  void everyStartOfAJvmSaysSo() throws IOException {
    int starts = 0;
    for (var file : files()) {
      var lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        var line = lines.get(i);
        if (START.matcher(line).find() && !line.contains("-version")) {
          starts++;
          var start = lines.subList(i, Math.min(lines.size(), i + LINES_OF_A_START));
          var says = String.join("\n", start);
          assertThat(
                  says.contains("ExitOnOutOfMemoryError") || MADE.stream().anyMatch(says::contains))
              .as("%s:%d\n%s", file, i + 1, says)
              .isTrue();
        }
      }
    }

    assertThat(starts).as("starts that were found").isGreaterThan(8);
  }

  private static List<Path> files() throws IOException {
    var files = new ArrayList<Path>();
    for (var place : PLACES) {
      try (var found = Files.walk(ROOT.resolve(place))) {
        found
            .filter(Files::isRegularFile)
            .filter(file -> !file.toString().contains("node_modules"))
            .filter(file -> !file.toString().matches(".*\\.(json|sql|java|md)"))
            .forEach(files::add);
      }
    }
    return files;
  }
}
