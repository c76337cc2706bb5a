package dev.profilepic.worker.instances;

import dev.profilepic.worker.bridge.BridgeOverview;
import dev.profilepic.worker.queue.Complaints;
import java.util.ArrayList;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Writes the instances' budgets from the bridge to the database, for operators. */
@Component
class BudgetReports {

  private final Complaints complaints =
      new Complaints(LoggerFactory.getLogger(BudgetReports.class));

  private final BridgeOverview bridge;
  private final JdbcTemplate jdbc;

  BudgetReports(BridgeOverview bridge, JdbcTemplate jdbc) {
    this.bridge = bridge;
    this.jdbc = jdbc;
  }

  @Scheduled(fixedDelayString = "PT30S")
  void report() {
    try {
      var budgets = bridge.budgets();
      if (budgets.isEmpty()) {
        return;
      }
      var ids = new ArrayList<>(budgets.keySet());
      jdbc.query(
          "SELECT profile_pic.note_budgets(?, ?::jsonb[])",
          row -> {},
          ids.toArray(String[]::new),
          ids.stream().map(budgets::get).toArray(String[]::new));
    } catch (RuntimeException failure) {
      complaints.about("the numbers' budgets were not told: {}", failure);
    }
  }
}
