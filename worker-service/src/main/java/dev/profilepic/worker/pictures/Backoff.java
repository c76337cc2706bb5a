package dev.profilepic.worker.pictures;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait. Exponential with full jitter, which spreads retries best (Brooker, "Exponential
 * Backoff And Jitter", 2015).
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
   * The delay after the n-th counted failure, n from 1: between zero and {@code base * 2^(n-1)},
   * never above the cap.
   */
  Duration afterFailure(int attempts) {
    int doublings = Math.clamp(attempts - 1L, 0, LARGEST_SHIFT);
    long ceiling = Math.min(cap.toMillis(), saturated(base.toMillis(), doublings));
    return Duration.ofMillis(random.nextLong(ceiling + 1));
  }

  /**
   * The delay for a message that waits for an instance or the bridge: half as long as it has waited
   * already, between 5 s and 5 min, so that a short outage is caught up with quickly and a long one
   * is not hammered.
   */
  Duration whileDown(Duration age) {
    long middle = Math.clamp(age.toMillis() / 2, SHORTEST_WAIT.toMillis(), LONGEST_WAIT.toMillis());
    return Duration.ofMillis(middle / 2 + random.nextLong(middle + 1));
  }

  private static long saturated(long millis, int doublings) {
    return millis > Long.MAX_VALUE >> doublings ? Long.MAX_VALUE - 1 : millis << doublings;
  }
}
