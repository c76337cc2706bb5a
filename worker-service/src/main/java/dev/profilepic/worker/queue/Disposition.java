package dev.profilepic.worker.queue;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The consequence of an attempt for its message. */
public sealed interface Disposition {

  /**
   * Done: the message is removed.
   *
   * @param nextCheck until the next check of the lead; null when the outcome does not say
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
   * Could not be tried: the message comes back without counting an attempt.
   *
   * @param delay until it may be leased again; zero puts it into its line at once
   * @param downSince since when the instance or the bridge has been down; null when neither is down
   * @param pause how long the whole instance must rest; null when it need not
   * @param lookupNext whether the next attempt needs a lookup though the message has a link
   */
  record Defer(
      Duration delay, @Nullable Instant downSince, @Nullable Duration pause, boolean lookupNext)
      implements Disposition {

    /** Returns the disposition of a message that goes on to its own lookup, in its line. */
    public static Defer toItsLine(Delivery delivery) {
      return new Defer(Duration.ZERO, delivery.downSince(), null, true);
    }

    /**
     * Returns the same disposition, but the message waits for a batch instead of its own lookup.
     */
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
