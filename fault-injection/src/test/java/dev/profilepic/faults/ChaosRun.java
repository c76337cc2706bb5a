package dev.profilepic.faults;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** The end of a chaos run, and the ways to wait for it. All parts of a run share this object. */
final class ChaosRun {

  private final CountDownLatch over = new CountDownLatch(1);

  /** Waits for the given time, or until the run is over. Returns false when the run is over. */
  boolean pause(Duration atMost) throws InterruptedException {
    return !over.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Waits for a random time between the two limits. */
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
