package dev.profilepic.worker.queue;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the leases of running work, all in one statement, and takes lost ones away from their
 * threads.
 */
final class Heartbeat implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);

  private final QueueSql queue;
  private final InFlight inFlight;
  private final Duration lease;
  private final EngineMetrics metrics;

  Heartbeat(QueueSql queue, InFlight inFlight, Duration lease, EngineMetrics metrics) {
    this.queue = queue;
    this.inFlight = inFlight;
    this.lease = lease;
    this.metrics = metrics;
  }

  /** Beats three times per lease until interrupted. */
  @Override
  public void run() {
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(lease.toMillis() / 3);
        beat();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Renews once. When the database is away nothing is lost yet: the next beat tries again, and the
   * fence decides at last.
   */
  void beat() {
    var leases = inFlight.leases();
    if (leases.isEmpty()) {
      return;
    }
    try {
      int lost = inFlight.loseAllBut(leases, queue.renew(leases, lease));
      if (lost > 0) {
        metrics.leaseLost(lost);
        log.warn("{} leases were lost while their messages ran", lost);
      }
    } catch (RuntimeException failure) {
      log.warn("{} leases could not be renewed: {}", leases.size(), failure.getMessage());
    }
  }
}
