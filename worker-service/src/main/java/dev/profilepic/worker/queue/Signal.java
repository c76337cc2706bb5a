package dev.profilepic.worker.queue;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A bell. Any number of rings before a wait count as one ring. */
final class Signal {

  private final Semaphore rung = new Semaphore(0);

  void ring() {
    rung.release();
  }

  /** Waits for a ring, at most for the given time. */
  void await(Duration atMost) throws InterruptedException {
    if (rung.tryAcquire(Math.max(1, atMost.toMillis()), TimeUnit.MILLISECONDS)) {
      rung.drainPermits();
    }
  }
}
