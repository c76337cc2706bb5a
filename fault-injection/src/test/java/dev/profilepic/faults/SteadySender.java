package dev.profilepic.faults;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.dao.DataAccessException;

/**
 * Enqueues a few requests several times a second during all faults, and remembers the accepted
 * requests.
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
          // A receiver answers 503 in this case, and the event comes again. Only accepted requests
          // count.
          refused.incrementAndGet();
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Returns the messages of accepted requests. All of them must be in the ledger, regardless of
   * later crashes.
   */
  Queue<Long> accepted() {
    return accepted;
  }

  /** Returns the number of transactions that the database refused. */
  int refused() {
    return refused.get();
  }
}
