package dev.profilepic.worker.queue;

import java.time.Duration;

/** What becomes of a message after an attempt. */
public sealed interface Disposition {

  /** Done: the message is removed. */
  record Complete() implements Disposition {}

  /**
   * Failed for now: the attempt counts.
   *
   * @param delay until it may be leased again
   */
  record Retry(Duration delay) implements Disposition {}

  /**
   * Could not be tried: comes back without counting an attempt.
   *
   * @param delay until it may be leased again
   * @param slotReserved whether that is a slot that was reserved for it, so that the next claim
   *     reserves none
   * @param lookupNeeded whether its own url turned out to be of no use
   */
  record Defer(Duration delay, boolean slotReserved, boolean lookupNeeded) implements Disposition {}

  /** Will never work: the message moves to the dead letters. */
  record Dead() implements Disposition {}
}
