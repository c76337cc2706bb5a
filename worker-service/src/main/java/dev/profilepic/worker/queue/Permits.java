package dev.profilepic.worker.queue;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The worker's places: each running message holds one permit. */
final class Permits {

  private final int total;
  private final Semaphore free;

  Permits(int total) {
    this.total = total;
    this.free = new Semaphore(total);
  }

  int total() {
    return total;
  }

  int inUse() {
    return total - free.availablePermits();
  }

  /**
   * Takes every free permit. While most are taken it first waits a moment for a quarter of all to
   * become free, so that a busy worker claims in batches instead of one message per message
   * finished.
   *
   * @return how many permits were taken, possibly none
   */
  int takeFree(Duration moment) throws InterruptedException {
    int batch = Math.max(1, total / 4);
    if (free.tryAcquire(batch, moment.toMillis(), TimeUnit.MILLISECONDS)) {
      return batch + free.drainPermits();
    }
    return free.drainPermits();
  }

  /** Takes one if it is free. */
  boolean takeOne() {
    return free.tryAcquire();
  }

  void giveBack(int permits) {
    free.release(permits);
  }
}
