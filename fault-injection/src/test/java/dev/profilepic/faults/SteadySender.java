package dev.profilepic.faults;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.dao.DataAccessException;

/**
 * Enqueues a few requests several times a second, whatever happens, and remembers what was
 * accepted.
 */
final class SteadySender implements Runnable {

  private static final Duration BETWEEN = Duration.ofMillis(200);
  private static final int AT_ONCE = 5;

  private final ChaosRun run;
  private final Crm crm;
  private final Queue<Long> accepted = new ConcurrentLinkedQueue<>();
  private final AtomicInteger refused = new AtomicInteger();

  SteadySender(ChaosRun run, Crm crm) {
    this.run = run;
    this.crm = crm;
  }

  @Override
  public void run() {
    try {
      while (run.pause(BETWEEN)) {
        try {
          var leads = crm.addLeads(AT_ONCE, Crm.INSTANCE);
          crm.requestFor(leads).forEach(receipt -> accepted.add(receipt.messageId()));
        } catch (DataAccessException databaseAway) {
          // A receiver answers 503 now, and the event comes again: what counts is what was
          // accepted.
          refused.incrementAndGet();
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The messages of requests that were accepted: they must be in the ledger, whatever crashed
   * since.
   */
  Queue<Long> accepted() {
    return accepted;
  }

  /** How many transactions the database did not take. */
  int refused() {
    return refused.get();
  }
}
