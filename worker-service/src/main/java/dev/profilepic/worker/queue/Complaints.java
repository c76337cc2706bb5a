package dev.profilepic.worker.queue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;

/**
 * Logs the failures of an action that is repeated, at most once a minute: often enough to be seen,
 * and too seldom to drown the log.
 */
public final class Complaints {

  private static final long PAUSE = Duration.ofMinutes(1).toNanos();

  private final Logger log;
  private final AtomicLong quietUntil = new AtomicLong(System.nanoTime());

  public Complaints(Logger log) {
    this.log = log;
  }

  /**
   * @param what the text, with one placeholder for the failure's message
   */
  public void about(String what, RuntimeException failure) {
    long now = System.nanoTime();
    long until = quietUntil.get();
    if (now - until >= 0 && quietUntil.compareAndSet(until, now + PAUSE)) {
      log.warn(what, failure.getMessage());
    } else {
      log.debug(what, failure.getMessage());
    }
  }
}
