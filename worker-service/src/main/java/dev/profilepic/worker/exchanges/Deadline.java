package dev.profilepic.worker.exchanges;

import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * The time by which an exchange, or several for one purpose, must be over.
 *
 * @param whole the time that was allowed in all
 */
public record Deadline(Duration whole, long atNanos) {

  public static Deadline in(Duration whole) {
    return new Deadline(whole, System.nanoTime() + whole.toNanos());
  }

  /**
   * The time that is left.
   *
   * @throws SocketTimeoutException when none is left
   */
  public Duration left() throws SocketTimeoutException {
    long left = atNanos - System.nanoTime();
    if (left <= 0) {
      throw passed();
    }
    return Duration.ofNanos(left);
  }

  /** The exception for a deadline that has passed. */
  public SocketTimeoutException passed() {
    return new SocketTimeoutException("not answered within " + whole.toSeconds() + " s");
  }
}
