package dev.profilepic.fuzz;

import dev.profilepic.fuzz.RawClient.Answer;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Whether an answer is one that a hostile request may get. */
public final class Verdict {

  /** HTTP's own words for a method, a transfer coding or a version that nobody knows (RFC 9110). */
  private static final Set<Integer> PRESCRIBED = Set.of(501, 505);

  private Verdict() {}

  /**
   * @return what is wrong with it
   */
  public static Optional<String> on(Answer answer) {
    if (answer.status() >= 500 && !PRESCRIBED.contains(answer.status())) {
      return Optional.of("answered " + answer.status());
    }
    return Stream.of("at dev.profilepic", "SQLException", "PSQL", "java.lang.")
        .filter(answer.text()::contains)
        .findFirst()
        .map(leak -> "answered with \"" + leak + "\"");
  }
}
