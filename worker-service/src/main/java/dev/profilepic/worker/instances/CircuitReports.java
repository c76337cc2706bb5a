package dev.profilepic.worker.instances;

import dev.profilepic.worker.bridge.InstanceCircuits;
import dev.profilepic.worker.bridge.InstanceCircuits.Standing;
import dev.profilepic.worker.queue.Complaints;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Writes the instances whose circuits opened or closed to the database, outside the messages'
 * threads. While a circuit is open, its instance is paused for all replicas. A change that could
 * not be written is written later.
 */
@Component
class CircuitReports {

  private static final Logger log = LoggerFactory.getLogger(CircuitReports.class);

  private final Complaints complaints = new Complaints(log);

  private final InstanceCircuits circuits;
  private final JdbcTemplate jdbc;

  CircuitReports(InstanceCircuits circuits, JdbcTemplate jdbc, MeterRegistry meters) {
    this.circuits = circuits;
    this.jdbc = jdbc;
    Gauge.builder("profilepic.instance.circuits.open", circuits, InstanceCircuits::open)
        .description("Instances that this worker does not ask, because their lookups fail")
        .register(meters);
  }

  @Scheduled(fixedDelayString = "PT1S")
  void tick() {
    try {
      report();
    } catch (RuntimeException failure) {
      complaints.about("the instances' circuits were not written down: {}", failure);
    }
  }

  /** Writes all changes that are new. */
  void report() {
    for (var standing : circuits.news()) {
      boolean news = write(standing);
      circuits.told(standing);
      if (news) {
        log.atLevel(standing.state() == State.OPEN ? Level.WARN : Level.INFO)
            .log("the circuit of instance {} is {}", standing.instanceId(), standing.state());
      }
    }
  }

  private boolean write(Standing standing) {
    return Boolean.TRUE.equals(
        jdbc.queryForObject(
            "SELECT profile_pic.breaker_changed(?, ?, ? * interval '1 ms')",
            Boolean.class,
            standing.instanceId(),
            standing.state().name(),
            standing.openFor().toMillis()));
  }
}
