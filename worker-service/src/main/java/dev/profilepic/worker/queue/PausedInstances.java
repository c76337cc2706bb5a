package dev.profilepic.worker.queue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Gauge of the instances that rest: 1 for each instance that is paused, 0 for each that was paused
 * and works again.
 */
@Component
class PausedInstances {

  private final Complaints complaints =
      new Complaints(LoggerFactory.getLogger(PausedInstances.class));

  /** As many instances as have their own label, the longest pauses first. */
  private static final String SQL =
      "SELECT instance_id, paused FROM profile_pic.paused_instances(100)";

  private final JdbcTemplate jdbc;
  private final MultiGauge gauge;

  PausedInstances(JdbcTemplate jdbc, MeterRegistry registry) {
    this.jdbc = jdbc;
    this.gauge =
        MultiGauge.builder("profilepic.instance.paused")
            .description("Whether lookups of the instance are paused")
            .register(registry);
  }

  @Scheduled(fixedDelayString = "PT5S")
  void measure() {
    try {
      List<Row<?>> rows =
          jdbc.query(
              SQL,
              (row, number) ->
                  Row.of(
                      Tags.of("instance", row.getString("instance_id")),
                      row.getBoolean("paused") ? 1 : 0));
      gauge.register(rows, true);
    } catch (RuntimeException failure) {
      complaints.about("pauses are unknown: {}", failure);
    }
  }
}
