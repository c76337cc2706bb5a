package dev.profilepic.worker.pictures;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The wait before a retry. It is exponential with full jitter, which spreads retries best (Brooker,
 * "Exponential Backoff And Jitter", 2015).
 *
 * @param base first delay
 * @param cap longest delay
 * @param random draws the jitter
 */
record Backoff(Duration base, Duration cap, RandomGenerator random) {

  private static final int LARGEST_SHIFT = 30;
  private static final Duration SHORTEST_WAIT = Duration.ofSeconds(5);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  /**
   * Returns the delay after the n-th counted failure, n from 1: between zero and {@code base *
   * 2^(n-1)}, never above the cap.
   */
  Duration afterFailure(int attempts) {
    int doublings = Math.clamp(attempts - 1L, 0, LARGEST_SHIFT);
    long ceiling = Math.min(cap.toMillis(), saturated(base.toMillis(), doublings));
    return Duration.ofMillis(random.nextLong(ceiling + 1));
  }

  /**
   * Returns the delay for a message that waits for an instance or the bridge: half as long as it
   * has waited already, between 5 s and 5 min. So messages come back soon after a short outage, and
   * do not hammer an instance or bridge that is down for long.
   */
  Duration whileDown(Duration age) {
    long middle = Math.clamp(age.toMillis() / 2, SHORTEST_WAIT.toMillis(), LONGEST_WAIT.toMillis());
    return Duration.ofMillis(middle / 2 + random.nextLong(middle + 1));
  }

  private static long saturated(long millis, int doublings) {
    return millis > Long.MAX_VALUE >> doublings ? Long.MAX_VALUE - 1 : millis << doublings;
  }
}
