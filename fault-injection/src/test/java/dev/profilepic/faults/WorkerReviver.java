package dev.profilepic.faults;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Starts dead workers again, as every platform does. */
final class WorkerReviver implements Runnable {

  private static final Duration BETWEEN_ROUNDS = Duration.ofMillis(200);

  private final ChaosRun shift;
  private final Replicas replicas;
  private final AtomicInteger revived = new AtomicInteger();

  /**
   * @param shift a run that ends later than the faults, because their effects on the workers still
   *     show
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
