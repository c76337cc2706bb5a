package dev.profilepic.receiver.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Extracts the parts of a Markdown page that tests check. */
final class Markdown {

  private static final Pattern FENCE = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```");
  private static final Pattern HEADING = Pattern.compile("(?m)^(#+) (.*)$");

  private Markdown() {}

  /** Returns the contents of fenced code blocks, without comments. */
  static List<String> commands(Path page) {
    return FENCE
        .matcher(read(page))
        .results()
        .map(found -> found.group(2).replaceAll("(?m)\\s+(#|//) .*$", ""))
        .toList();
  }

  static List<String> fences(Path page, String language) {
    return FENCE
        .matcher(read(page))
        .results()
        .filter(found -> found.group(1).equals(language))
        .map(found -> found.group(2))
        .toList();
  }

  static List<Integer> levels(Path page) {
    return HEADING
        .matcher(withoutFences(read(page)))
        .results()
        .map(found -> found.group(1).length())
        .toList();
  }

  static long rows(Path page) {
    return read(page).lines().filter(line -> line.startsWith("|")).count();
  }

  /** Returns the anchors that GitHub makes of the headings. */
  static List<String> anchors(Path page) {
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

  static List<String> found(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.groupCount() == 0 ? found.group() : found.group(1))
        .toList();
  }

  static String withoutFences(String text) {
    return FENCE.matcher(text).replaceAll("");
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
