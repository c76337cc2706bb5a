package dev.profilepic.worker.exchanges;

import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * The time by which an exchange, or several exchanges for one purpose, must be over.
 *
 * @param whole the total time that was allowed
 */
public record Deadline(Duration whole, long atNanos) {

  public static Deadline in(Duration whole) {
    return new Deadline(whole, System.nanoTime() + whole.toNanos());
  }

  /**
   * Returns the time that is left.
   *
   * @throws SocketTimeoutException when no time is left
   */
  public Duration left() throws SocketTimeoutException {
    long left = atNanos - System.nanoTime();
    if (left <= 0) {
      throw passed();
    }
    return Duration.ofNanos(left);
  }

  /** Returns the exception for a deadline that has passed. */
  public SocketTimeoutException passed() {
    return new SocketTimeoutException("not answered within " + whole.toSeconds() + " s");
  }
}
