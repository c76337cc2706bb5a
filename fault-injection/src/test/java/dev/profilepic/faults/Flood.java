package dev.profilepic.faults;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;

/** One tenant's flood, and its effect on another tenant. */
final class Flood {

  static final String INSTANCE = "flood";

  private static final int REQUESTS = 100_000;
  private static final int AT_ONCE = 5_000;
  private static final Duration MEASURED = Duration.ofSeconds(10);

  private static final String LATENCY =
      """
      SELECT format('p50 %s ms, p99 %s ms (%s requests)', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY w.ms)),
                    round(percentile_cont(0.99) WITHIN GROUP (ORDER BY w.ms)), count(*))
      FROM (
        SELECT extract(epoch FROM r.at - e.at)::double precision * 1000 AS ms
        FROM ledger.entries AS e
        JOIN ledger.entries AS r ON r.lead_id = e.lead_id AND r.kind = 'lead'
        JOIN public.leads AS l ON l.id::text = e.lead_id AND l.instance_id <> 'flood'
        WHERE e.kind = 'enqueued' AND e.at BETWEEN ? AND ?
      ) AS w
      """;

  private final ChaosRun run;
  private final Stage stage;

  Flood(ChaosRun run, Stage stage) {
    this.run = run;
    this.stage = stage;
  }

  /**
   * Enqueues the flood, and prints the latency of the other tenant's requests before, during and
   * after it. The latency runs from the queue to the lead's row.
   */
  void rise() throws InterruptedException {
    System.out.printf("another tenant's requests in calm      %s%n", latency());
    stage.jdbc.update(
        "INSERT INTO profile_pic.instances (instance_id, pace_per_minute) VALUES (?, 60)",
        INSTANCE);
    var began = Instant.now();
    for (int sent = 0; sent < REQUESTS; sent += AT_ONCE) {
      stage.crm.request(AT_ONCE, INSTANCE);
    }
    Await.until("the flood stands in its line", Duration.ofMinutes(10), this::isInLine);
    System.out.printf(
        "while %,d requests came                %s%n", REQUESTS, between(began, Instant.now()));
    System.out.printf("while they wait                        %s%n", latency());
  }

  private boolean isInLine() {
    return Boolean.TRUE.equals(
        stage.jdbc.queryForObject(
            "SELECT count(*) < 10 FROM pgmq.q_profile_pic_queue WHERE vt <= now()", Boolean.class));
  }

  private String latency() throws InterruptedException {
    var began = Instant.now();
    run.pause(MEASURED);
    return between(began, Instant.now());
  }

  private String between(Instant began, Instant ended) {
    var latency =
        stage.jdbc.queryForObject(
            LATENCY, String.class, Timestamp.from(began), Timestamp.from(ended));
    return latency == null ? "unknown" : latency;
  }
}
