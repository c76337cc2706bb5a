package dev.profilepic.worker.exchanges;

import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * Until when an exchange, or several for one purpose, must be through.
 *
 * @param whole what it had at its beginning
 */
public record Deadline(Duration whole, long atNanos) {

  public static Deadline in(Duration whole) {
    return new Deadline(whole, System.nanoTime() + whole.toNanos());
  }

  /**
   * What is left of it.
   *
   * @throws SocketTimeoutException when nothing is
   */
  public Duration left() throws SocketTimeoutException {
    long left = atNanos - System.nanoTime();
    if (left <= 0) {
      throw passed();
    }
    return Duration.ofNanos(left);
  }

  /** What to throw when it has passed. */
  public SocketTimeoutException passed() {
    return new SocketTimeoutException("not answered within " + whole.toSeconds() + " s");
  }
}
