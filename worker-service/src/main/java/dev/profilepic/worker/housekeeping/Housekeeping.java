package dev.profilepic.worker.housekeeping;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Does the chores that are due, in short transactions. Each transaction begins with an advisory
 * lock. A worker that finds the lock taken is not the leader, and leaves the chores to the leader.
 */
@Component
class Housekeeping {

  private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);

  /**
   * The time between two runs of a chore, by all replicas together. It is short beside the days for
   * which data is kept.
   */
  private static final Duration EVERY = Duration.ofHours(1);

  /** Rows per transaction. Few rows keep the locks on them short. */
  private static final int MOST_AT_ONCE = 500;

  private static final String BECOME_LEADER =
      "SELECT pg_try_advisory_xact_lock(hashtextextended('profile_pic.housekeeping', 0))";

  private static final String IS_DUE = "SELECT profile_pic.chore_is_due(?, ? * interval '1 ms')";

  private static final String DONE = "SELECT 1 FROM profile_pic.chore_done(?)";

  private static final String WARNINGS = "SELECT * FROM profile_pic.chore_warnings()";

  /**
   * The rows that a step removed, and the beginning of the next step; null when there is no next
   * step.
   */
  private record Step(long removed, @Nullable String next) {}

  private final JdbcTemplate jdbc;
  private final TransactionTemplate transaction;
  private final HousekeepingProperties properties;
  private final MeterRegistry meters;
  private final int mostAtOnce;
  private volatile List<String> warnings = List.of();

  @Autowired
  Housekeeping(
      JdbcTemplate jdbc,
      PlatformTransactionManager transactions,
      HousekeepingProperties properties,
      MeterRegistry meters) {
    this(jdbc, transactions, properties, meters, MOST_AT_ONCE);
  }

  /**
   * @param mostAtOnce rows per transaction
   */
  Housekeeping(
      JdbcTemplate jdbc,
      PlatformTransactionManager transactions,
      HousekeepingProperties properties,
      MeterRegistry meters,
      int mostAtOnce) {
    this.jdbc = jdbc;
    this.transaction = new TransactionTemplate(transactions);
    this.properties = properties;
    this.meters = meters;
    this.mostAtOnce = mostAtOnce;
    Gauge.builder("profilepic.housekeeping.warnings", () -> warnings.size())
        .description("Chores that refused to do something; the table chores says what and why")
        .register(meters);
    for (var chore : Chore.values()) {
      removed(chore);
    }
  }

  /** Looks more often than chores are due, so that a restart or another leader delays no chore. */
  @Scheduled(fixedDelayString = "PT1M", initialDelayString = "PT1M")
  void tick() {
    if (properties.enabled()) {
      doWhatIsDue();
    }
    lookAtWarnings();
  }

  /**
   * Reports the warnings. Every worker does this, because the database holds the warnings for all
   * workers.
   */
  void lookAtWarnings() {
    var found = jdbc.queryForList(WARNINGS, String.class);
    if (!found.equals(warnings)) {
      found.forEach(log::error);
    }
    warnings = found;
  }

  /**
   * Does the chores that are due, unless another worker does them. A chore that fails is tried
   * again at the next look, and delays no other chore.
   *
   * @return rows removed by each chore that was done to its end
   */
  Map<Chore, Long> doWhatIsDue() {
    var removed = new EnumMap<Chore, Long>(Chore.class);
    for (var chore : Chore.values()) {
      try {
        if (isDue(chore)) {
          finish(chore).ifPresent(rows -> removed.put(chore, rows));
        }
      } catch (DataAccessException | TransactionException failure) {
        log.warn("housekeeping goes on later with {}: {}", chore.label(), failure.getMessage());
      }
    }
    if (!removed.isEmpty()) {
      log.info("housekeeping removed {}", removed);
    }
    return removed;
  }

  private Counter removed(Chore chore) {
    return Counter.builder("profilepic.housekeeping.removed")
        .description("Rows that housekeeping removed")
        .tag("chore", chore.label())
        .register(meters);
  }

  private boolean isDue(Chore chore) {
    return Boolean.TRUE.equals(
        jdbc.queryForObject(IS_DUE, Boolean.class, chore.label(), EVERY.toMillis()));
  }

  /** Does a chore to its end; empty when another worker leads. */
  private Optional<Long> finish(Chore chore) {
    long removed = 0;
    @Nullable String after = null;
    do {
      var step = step(chore, after);
      if (step.isEmpty()) {
        return Optional.empty();
      }
      removed(chore).increment(step.get().removed());
      removed += step.get().removed();
      after = step.get().next();
    } while (after != null);
    return Optional.of(removed);
  }

  private Optional<Step> step(Chore chore, @Nullable String after) {
    return transaction.execute(status -> {
      if (!Boolean.TRUE.equals(jdbc.queryForObject(BECOME_LEADER, Boolean.class))) {
        return Optional.empty();
      }
      Step step =
          jdbc.queryForObject(
              chore.sql(),
              (row, number) -> new Step(row.getLong("removed"), row.getString("next")),
              chore.keeps(properties).toMillis(),
              after,
              mostAtOnce);
      if (step.next() == null) {
        jdbc.queryForList(DONE, Integer.class, chore.label());
      }
      return Optional.of(step);
    });
  }
}
