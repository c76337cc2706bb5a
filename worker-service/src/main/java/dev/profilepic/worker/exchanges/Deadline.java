package dev.profilepic.worker.sources;

import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * Until when a question must be answered.
 *
 * @param whole what it had at its beginning
 */
record Deadline(Duration whole, long atNanos) {

  static Deadline in(Duration whole) {
    return new Deadline(whole, System.nanoTime() + whole.toNanos());
  }

  /**
   * What is left of it.
   *
   * @throws SocketTimeoutException when nothing is
   */
  Duration left() throws SocketTimeoutException {
    long left = atNanos - System.nanoTime();
    if (left <= 0) {
      throw passed();
    }
    return Duration.ofNanos(left);
  }

  /** What to throw when it has passed. */
  SocketTimeoutException passed() {
    return new SocketTimeoutException("not answered within " + whole.toSeconds() + " s");
  }
}
