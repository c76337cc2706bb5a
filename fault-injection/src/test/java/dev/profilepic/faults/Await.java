package dev.profilepic.faults;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Waits for a condition, never for a fixed time. */
final class Await {

  /**
   * A deadline far beyond the duration of any step, so that only a condition that never holds
   * fails.
   */
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

  private Await() {}

  /**
   * Waits until the condition holds, and fails with the description after the deadline. An
   * exception from the condition counts as "not yet", because databases and workers come and go
   * here.
   */
  static void until(String description, Callable<Boolean> condition) {
    until(description, DEADLINE, condition);
  }

  /** Waits until the call returns a value, and returns that value. */
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
