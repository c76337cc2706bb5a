package dev.profilepic.contract;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Keeps the beginnings of two transactions of one kind apart. A transaction costs the database as
 * much as dozens of its rows do, so under load each should carry many rows. A transaction that
 * follows a pause begins at once.
 */
public final class StepSpacing {

  /** Short beside a lookup, and long enough for some events even at a moderate load. */
  static final Duration SPACING = Duration.ofMillis(5);

  /** Waits so many nanoseconds. */
  @FunctionalInterface
  interface Sleep {
    void nanos(long nanos) throws InterruptedException;
  }

  private final LongSupplier nanoTime;
  private final Sleep sleep;
  private final AtomicLong earliest;

  public StepSpacing() {
    this(System::nanoTime, TimeUnit.NANOSECONDS::sleep);
  }

  StepSpacing(LongSupplier nanoTime, Sleep sleep) {
    this.nanoTime = nanoTime;
    this.sleep = sleep;
    this.earliest = new AtomicLong(nanoTime.getAsLong());
  }

  /** Waits until the next transaction may begin. Each call counts as the beginning of one. */
  public void await() throws InterruptedException {
    long now = nanoTime.getAsLong();
    long left =
        earliest.getAndUpdate(next -> now + Math.max(next - now, 0) + SPACING.toNanos()) - now;
    if (left > 0) {
      sleep.nanos(left);
    }
  }
}
