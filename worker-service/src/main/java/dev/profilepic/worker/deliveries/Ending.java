package dev.profilepic.worker.deliveries;

import dev.profilepic.worker.exchanges.FencedHttp;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The result of an attempt at a delivery. */
sealed interface Ending {

  /**
   * @param status the endpoint's answer
   */
  record Delivered(int status) implements Ending {}

  /** There was nothing to do, for the given reason. */
  record Skipped(String why) implements Ending {}

  /**
   * The attempt failed, and the delivery is tried again.
   *
   * @param status the endpoint's answer; null when there was no answer
   * @param after the shortest time until the next attempt; null when the endpoint does not say
   * @param gone whether the endpoint wants no more deliveries
   */
  record Failed(@Nullable Integer status, String why, @Nullable Duration after, boolean gone)
      implements Ending {

    static Failed of(String why) {
      return new Failed(null, why, null, false);
    }

    /** Returns the ending for an answer that is no success. */
    static Failed of(FencedHttp.Answer answer) {
      return new Failed(
          answer.status(),
          "it answered " + answer.status(),
          retryAfter(answer),
          answer.status() == GONE);
    }

    private static @Nullable Duration retryAfter(FencedHttp.Answer answer) {
      @Nullable Duration asked = answer.retryAfter();
      return asked == null || asked.compareTo(LONGEST_WAIT) < 0 ? asked : LONGEST_WAIT;
    }
  }

  int GONE = 410;
  Duration LONGEST_WAIT = Duration.ofHours(8);
}
