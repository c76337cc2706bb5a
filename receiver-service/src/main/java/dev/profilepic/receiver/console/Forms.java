package dev.profilepic.receiver.console;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Turns what a form says into what the API reads, which then says what is wrong with it. */
final class Forms {

  private Forms() {}

  /** A whole number as such; anything else as it is, so that it is refused by its name. */
  static void putNumber(ObjectNode json, String name, String text) {
    if (text.matches("-?[0-9]{1,18}")) {
      json.put(name, Long.parseLong(text));
    } else {
      json.put(name, text);
    }
  }

  static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  static @Nullable String orNull(String text) {
    return text.isBlank() ? null : text.strip();
  }
}
