package dev.profilepic.faults;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Starts workers again that died, as every platform does. */
final class WorkerReviver implements Runnable {

  private static final Duration BETWEEN_ROUNDS = Duration.ofMillis(200);

  private final ChaosRun shift;
  private final Replicas replicas;
  private final AtomicInteger revived = new AtomicInteger();

  /**
   * @param shift ends later than the faults do: what they did to the workers still shows
   */
  WorkerReviver(ChaosRun shift, Replicas replicas) {
    this.shift = shift;
    this.replicas = replicas;
  }

  @Override
  public void run() {
    try {
      while (shift.pause(BETWEEN_ROUNDS)) {
        reviveAll();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void reviveAll() {
    for (var name : replicas.names()) {
      if (replicas.revive(name)) {
        revived.incrementAndGet();
      }
    }
  }

  int revived() {
    return revived.get();
  }
}
