package dev.profilepic.faults;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Waiting for a condition, never for a time. */
final class Await {

  /** Far beyond what anything takes, so that only what never happens fails. */
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

  private Await() {}

  /**
   * Waits until the condition holds; fails with the description after the deadline. What the
   * condition throws counts as "not yet": databases and workers come and go here.
   */
  static void until(String description, Callable<Boolean> condition) {
    until(description, DEADLINE, condition);
  }

  /** Waits until there is a value, and returns it. */
  static <T> T forValue(String description, Callable<@Nullable T> value) {
    var found = new AtomicReference<@Nullable T>();
    until(
        description,
        () -> {
          found.set(value.call());
          return found.get() != null;
        });
    return Objects.requireNonNull(found.get());
  }

  static void until(String description, Duration deadline, Callable<Boolean> condition) {
    Awaitility.await(description)
        .atMost(deadline)
        .pollDelay(Duration.ZERO)
        .pollInterval(BETWEEN_LOOKS)
        .ignoreExceptions()
        .until(condition);
  }
}
