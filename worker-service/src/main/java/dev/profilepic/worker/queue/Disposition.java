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
   * @param delay until it may be leased again; zero puts it into its line at once
   */
  record Defer(Duration delay) implements Disposition {}

  /** Will never work: the message moves to the dead letters. */
  record Dead() implements Disposition {}

  /** Did not begin in time: the lease is given back, and nothing else happens. */
  record GiveBack() implements Disposition {}
}
