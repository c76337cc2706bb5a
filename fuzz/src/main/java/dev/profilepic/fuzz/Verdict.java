package dev.profilepic.fuzz;

import dev.profilepic.fuzz.RawClient.Answer;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Judges the answers to hostile requests. */
public final class Verdict {

  /**
   * The statuses that HTTP prescribes for an unknown method, transfer coding or version (RFC 9110).
   */
  private static final Set<Integer> PRESCRIBED = Set.of(501, 505);

  private Verdict() {}

  /**
   * @return the problem with the answer; empty when a hostile request may get such an answer
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
