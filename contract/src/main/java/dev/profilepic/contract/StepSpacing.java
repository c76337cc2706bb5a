package dev.profilepic.contract;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Keeps the beginnings of two transactions of one kind apart. A transaction costs the database as
 * much as dozens of its rows do, so under load each transaction should carry many rows. A
 * transaction that follows a pause, or that has enough rows, begins at once.
 */
public final class StepSpacing {

  /** The interval at which a waiting transaction checks whether it has enough rows. */
  static final Duration LOOK = Duration.ofNanos(500_000);

  /** Waits for a number of nanoseconds. */
  @FunctionalInterface
  interface Sleep {
    void nanos(long nanos) throws InterruptedException;
  }

  private final long spacingNanos;
  private final LongSupplier nanoTime;
  private final Sleep sleep;
  private final AtomicLong earliest;

  /**
   * @param spacing short beside a lookup, and long enough for some rows even at a moderate load
   */
  public StepSpacing(Duration spacing) {
    this(spacing, System::nanoTime, TimeUnit.NANOSECONDS::sleep);
  }

  StepSpacing(Duration spacing, LongSupplier nanoTime, Sleep sleep) {
    this.spacingNanos = spacing.toNanos();
    this.nanoTime = nanoTime;
    this.sleep = sleep;
    this.earliest = new AtomicLong(nanoTime.getAsLong());
  }

  /**
   * Waits until the next transaction may begin. Each call counts as the beginning of a transaction.
   */
  public void await() throws InterruptedException {
    await(() -> false, Long.MAX_VALUE);
  }

  /**
   * Waits until the next transaction may begin, or has enough rows.
   *
   * @param enough whether the transaction has so many rows that it need not wait for more
   */
  public void await(BooleanSupplier enough) throws InterruptedException {
    await(enough, LOOK.toNanos());
  }

  private void await(BooleanSupplier enough, long lookNanos) throws InterruptedException {
    long came = nanoTime.getAsLong();
    long begins = earliest.getAndUpdate(next -> came + Math.max(next - came, 0) + spacingNanos);
    long now = came;
    while (begins - now > 0) {
      if (enough.getAsBoolean()) {
        earliest.set(now + spacingNanos);
        return;
      }
      sleep.nanos(Math.min(begins - now, lookNanos));
      now = nanoTime.getAsLong();
    }
  }
}
