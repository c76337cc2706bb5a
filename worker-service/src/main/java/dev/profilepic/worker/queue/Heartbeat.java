package dev.profilepic.worker.queue;

import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the leases of running work, all in one statement, and takes lost leases away from their
 * threads.
 */
final class Heartbeat implements EngineLoop.Step {

  private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);

  private final QueueSql queue;
  private final InFlight inFlight;
  private final Duration lease;
  private final Counter leaseLost;

  Heartbeat(QueueSql queue, InFlight inFlight, Duration lease, Counter leaseLost) {
    this.queue = queue;
    this.inFlight = inFlight;
    this.lease = lease;
    this.leaseLost = leaseLost;
  }

  /** Renews once, a third of a lease after the last renewal. */
  @Override
  public void run() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(lease.toMillis() / 3);
    beat();
  }

  /**
   * Renews the leases. When the database is away, no lease is lost yet: the next beat tries again,
   * and the fencing by {@link Lease} decides in the end.
   */
  void beat() {
    var leases = inFlight.leases();
    if (leases.isEmpty()) {
      return;
    }
    try {
      int lost = inFlight.interruptAllBut(leases, queue.renew(leases, lease));
      if (lost > 0) {
        leaseLost.increment(lost);
        log.warn("{} leases were lost while their messages ran", lost);
      }
    } catch (RuntimeException failure) {
      log.warn("{} leases could not be renewed: {}", leases.size(), failure.getMessage());
    }
  }
}
