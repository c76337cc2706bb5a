package dev.profilepic.worker.deliveries;

import dev.profilepic.worker.queue.Complaints;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Gauges of deliveries that wait, and of endpoints that get no deliveries any more. */
@Component
class DeliveryDepth {

  private final Complaints complaints =
      new Complaints(LoggerFactory.getLogger(DeliveryDepth.class));

  private record Depth(double waiting, double oldestSeconds, double disabled) {}

  private final JdbcTemplate jdbc;
  private volatile Depth depth = new Depth(Double.NaN, Double.NaN, Double.NaN);

  DeliveryDepth(JdbcTemplate jdbc, MeterRegistry meters) {
    this.jdbc = jdbc;
    Gauge.builder("profilepic.deliveries.waiting", () -> depth.waiting())
        .description(
            "Events that webhook endpoints are still to be told; counting stops at 100,000")
        .register(meters);
    Gauge.builder("profilepic.deliveries.oldest", () -> depth.oldestSeconds())
        .baseUnit("seconds")
        .description("How long the oldest of them has been waiting")
        .register(meters);
    Gauge.builder("profilepic.deliveries.endpoints.disabled", () -> depth.disabled())
        .description("Webhook endpoints that were disabled because nothing could be delivered")
        .register(meters);
  }

  @Scheduled(fixedDelayString = "PT10S")
  void measure() {
    try {
      depth =
          jdbc.queryForObject(
              "SELECT * FROM profile_pic.delivery_depth()",
              (row, number) ->
                  new Depth(
                      row.getDouble("waiting"),
                      row.getDouble("oldest_seconds"),
                      row.getDouble("disabled")));
    } catch (RuntimeException failure) {
      complaints.about("what is still to be told is unknown: {}", failure);
    }
  }
}
