package dev.profilepic.receiver.console;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sentence that is not yet translated into a language.
 *
 * @param key in the message bundles
 * @param arguments values for the sentence; times are shown in the reader's own time zone
 */
record Text(String key, List<@Nullable Object> arguments) {

  static Text of(String key, @Nullable Object... arguments) {
    return new Text(key, Collections.unmodifiableList(Arrays.asList(arguments)));
  }
}
