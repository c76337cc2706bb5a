package dev.profilepic.worker.queue;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Gauges of the waiting work, read from {@code profile_pic.queue_depth} every few seconds and not
 * at each scrape.
 */
@Component
class QueueDepth {

  private final Complaints complaints = new Complaints(LoggerFactory.getLogger(QueueDepth.class));

  private final JdbcTemplate jdbc;
  private volatile Depth depth =
      new Depth(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

  private record Depth(
      double ready,
      double paced,
      double delayed,
      double leased,
      double dead,
      double oldestReadySeconds) {}

  private record Writes(double waiting, double oldestSeconds) {}

  private volatile Writes writes = new Writes(Double.NaN, Double.NaN);

  QueueDepth(JdbcTemplate jdbc, MeterRegistry registry) {
    this.jdbc = jdbc;
    gauge(registry, "ready", () -> depth.ready());
    gauge(registry, "paced", () -> depth.paced());
    gauge(registry, "delayed", () -> depth.delayed());
    gauge(registry, "leased", () -> depth.leased());
    gauge(registry, "dead", () -> depth.dead());
    Gauge.builder("profilepic.lead.writes.waiting", () -> writes.waiting())
        .description(
            "Rows of the CRM that are still to be written: held, refused or just now noted")
        .register(registry);
    Gauge.builder("profilepic.lead.writes.oldest", () -> writes.oldestSeconds())
        .baseUnit("seconds")
        .description("How long the oldest of them has been waiting")
        .register(registry);
    Gauge.builder("profilepic.queue.oldest.ready", () -> depth.oldestReadySeconds())
        .baseUnit("seconds")
        .description("How long the oldest message that may start has been waiting")
        .register(registry);
  }

  @Scheduled(fixedDelayString = "PT5S")
  void measure() {
    try {
      depth =
          jdbc.queryForObject("SELECT * FROM profile_pic.queue_depth", (row, number) -> read(row));
      writes =
          jdbc.queryForObject(
              """
              SELECT count(*) AS waiting, coalesce(extract(epoch FROM statement_timestamp() - min(since)), 0) AS oldest
              FROM profile_pic.lead_writes_waiting
              """,
              (row, number) -> new Writes(row.getLong("waiting"), row.getDouble("oldest")));
    } catch (RuntimeException failure) {
      complaints.about("the queue's depth is unknown: {}", failure);
    }
  }

  private static Depth read(ResultSet row) throws SQLException {
    return new Depth(
        row.getLong("ready"),
        row.getLong("paced"),
        row.getLong("delayed"),
        row.getLong("leased"),
        row.getLong("dead"),
        row.getDouble("oldest_ready_seconds"));
  }

  private static void gauge(
      MeterRegistry registry, String state, java.util.function.Supplier<Number> value) {
    Gauge.builder("profilepic.queue.depth", value)
        .tag("state", state)
        .description("Messages by state; counting stops at 100,000")
        .register(registry);
  }
}
