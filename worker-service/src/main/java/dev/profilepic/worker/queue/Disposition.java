package dev.profilepic.worker.queue;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What becomes of a message after an attempt. */
public sealed interface Disposition {

  /**
   * Done: the message is removed.
   *
   * @param nextCheck until the lead is looked at again; null when the outcome does not say
   */
  record Complete(@Nullable Duration nextCheck) implements Disposition {}

  /**
   * Failed for now: the attempt counts.
   *
   * @param delay until it may be leased again
   * @param lookupNext whether the next attempt needs a lookup though the message has a link
   */
  record Retry(Duration delay, boolean lookupNext) implements Disposition {}

  /**
   * Could not be tried: comes back without counting an attempt.
   *
   * @param delay until it may be leased again; zero puts it into its line at once
   * @param downSince since when the instance or the bridge has been down; null when it is not
   * @param pause how long the whole instance must rest; null when it need not
   * @param lookupNext whether the next attempt needs a lookup though the message has a link
   */
  record Defer(
      Duration delay, @Nullable Instant downSince, @Nullable Duration pause, boolean lookupNext)
      implements Disposition {

    /** Goes on to a lookup of its own, in its line. */
    public static Defer toItsLine(Delivery delivery) {
      return new Defer(Duration.ZERO, delivery.downSince(), null, true);
    }

    /** The same, but the message waits for a batch instead of a lookup of its own. */
    public Defer toABatch() {
      return new Defer(delay.plus(BatchProperties.PATIENCE), downSince, pause, false);
    }
  }

  /**
   * Will never work: the message moves to the dead letters.
   *
   * @param attempts failures that counted
   */
  record Dead(int attempts) implements Disposition {}

  /** Did not begin in time: the lease is given back, and nothing else happens. */
  record GiveBack() implements Disposition {}
}
