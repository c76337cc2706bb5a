package dev.profilepic.receiver.console;

import dev.profilepic.contract.PathSegment;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns the fields of a form into the JSON that the API reads. The API's code then checks the JSON.
 */
final class Forms {

  private Forms() {}

  /** Puts a whole number as a number. Other text stays text, so that the check names the field. */
  static void putNumber(ObjectNode json, String name, String text) {
    if (text.matches("-?[0-9]{1,18}")) {
      json.put(name, Long.parseLong(text));
    } else {
      json.put(name, text);
    }
  }

  static String encoded(String segment) {
    return PathSegment.of(segment);
  }

  static @Nullable String orNull(String text) {
    return text.isBlank() ? null : text.strip();
  }
}
