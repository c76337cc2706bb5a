package dev.profilepic.faults;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** What every part of a chaos run shares: when it ends, and how to wait until then. */
final class ChaosRun {

  private final CountDownLatch over = new CountDownLatch(1);

  /** Waits, or returns at once when the run is over; false when it is. */
  boolean pause(Duration atMost) throws InterruptedException {
    return !over.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Waits for a random time between the two. */
  boolean pause(Duration least, Duration most) throws InterruptedException {
    return pause(
        Duration.ofMillis(
            ThreadLocalRandom.current().nextLong(least.toMillis(), most.toMillis() + 1)));
  }

  boolean isOver() {
    return over.getCount() == 0;
  }

  void end() {
    over.countDown();
  }
}
