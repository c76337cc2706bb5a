package dev.profilepic.worker.instances;

import dev.profilepic.worker.pictures.OutcomeMetrics;
import dev.profilepic.worker.queue.Complaints;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Creates the outcome counters of known instances at zero, before there is an outcome. */
@Component
class ExpectedOutcomes {

  private final Complaints complaints =
      new Complaints(LoggerFactory.getLogger(ExpectedOutcomes.class));

  private final JdbcTemplate jdbc;
  private final OutcomeMetrics metrics;

  ExpectedOutcomes(JdbcTemplate jdbc, OutcomeMetrics metrics) {
    this.jdbc = jdbc;
    this.metrics = metrics;
  }

  @Scheduled(fixedDelayString = "PT10S")
  void expect() {
    try {
      jdbc.queryForList(
              "SELECT instance_id FROM profile_pic.instances ORDER BY updated_at DESC LIMIT 100",
              String.class)
          .forEach(metrics::expect);
    } catch (RuntimeException failure) {
      complaints.about("the instances' counters begin with their first outcome: {}", failure);
    }
  }
}
