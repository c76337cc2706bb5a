package dev.profilepic.worker.queue;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The worker's permits. Each running message holds one permit. */
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
   * Takes every free permit. While most permits are taken it first waits a moment for a quarter of
   * all permits to become free. So a busy worker claims in batches, and not one message for each
   * message that ends.
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

  /** Takes one permit if one is free. */
  boolean takeOne() {
    return free.tryAcquire();
  }

  void giveBack(int permits) {
    free.release(permits);
  }
}
