package dev.profilepic.worker.reconcile;

import dev.profilepic.worker.queue.Complaints;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Walks slowly over all leads of the CRM, and begins again at the end. One worker at a time takes a
 * step; each worker remembers the place of its own walk.
 */
@Component
class LeadReconciler {

  /**
   * Rows of a step. A step every 5 s makes 360,000 rows in an hour, and takes milliseconds of the
   * database's time.
   */
  private static final int MOST_AT_ONCE = 500;

  private static final String LOCK =
      "SELECT pg_try_advisory_xact_lock(hashtextextended('profile_pic.reconcile_leads', 0))";

  private final Complaints complaints =
      new Complaints(LoggerFactory.getLogger(LeadReconciler.class));
  private final JdbcTemplate jdbc;
  private final TransactionTemplate transaction;
  private final ReconcileProperties properties;
  private final Counter found;
  private @Nullable String after;

  LeadReconciler(
      JdbcTemplate jdbc,
      PlatformTransactionManager transactions,
      ReconcileProperties properties,
      MeterRegistry meters) {
    this.jdbc = jdbc;
    this.transaction = new TransactionTemplate(transactions);
    this.properties = properties;
    this.found =
        Counter.builder("profilepic.reconciled")
            .description(
                "Rows of the CRM that contradicted what is known, or that nobody announced")
            .register(meters);
  }

  @Scheduled(fixedDelayString = "PT5S")
  void tick() {
    if (!properties.enabled()) {
      return;
    }
    try {
      step();
    } catch (RuntimeException failure) {
      complaints.about("the leads were not compared: {}", failure);
    }
  }

  /**
   * Takes one step of the walk, unless another worker takes one.
   *
   * @return how many rows it found that need work
   */
  long step() {
    Long queued =
        transaction.execute(status -> {
          if (!Boolean.TRUE.equals(jdbc.queryForObject(LOCK, Boolean.class))) {
            return 0L;
          }
          return jdbc.queryForObject(
              "SELECT queued, next_after FROM profile_pic.reconcile_leads(?, ?)",
              (row, number) -> {
                after = row.getString("next_after");
                return row.getLong("queued");
              },
              after,
              MOST_AT_ONCE);
        });
    long rows = queued == null ? 0 : queued;
    found.increment(rows);
    return rows;
  }
}
