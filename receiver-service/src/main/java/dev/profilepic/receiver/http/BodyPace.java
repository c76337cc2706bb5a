package dev.profilepic.receiver.http;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The time that a body may take. The socket's timeout begins anew with every byte, so without this
 * limit a sender of single bytes could keep a call open for days.
 */
final class BodyPace {

  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final long BYTES_PER_SECOND = 16 * 1024;

  private final InstantSource clock;
  private final Instant began;

  /** Starts to measure. */
  BodyPace(InstantSource clock) {
    this.clock = clock;
    this.began = clock.instant();
  }

  /**
   * Checks the pace after each read.
   *
   * @param bytes that have come until now
   * @throws ProblemException 408 when they took too long
   */
  void check(long bytes) {
    if (clock.instant().isAfter(began.plus(GRACE).plusSeconds(bytes / BYTES_PER_SECOND))) {
      throw new ProblemException(Problem.TIMEOUT, "The body comes too slowly. Send it again.");
    }
  }
}
