package dev.profilepic.receiver.console;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Stores the counters of the metrics and the depth of the queue by minute, so that charts need
 * neither Prometheus nor a browser that was open all day. It only reads the counters, so it adds no
 * cost to an event.
 */
@Component
class FigureReports {

  private static final Logger log = LoggerFactory.getLogger(FigureReports.class);

  /** The charts show one day. Two more days let a user look back at the weekend. */
  private static final Duration KEPT = Duration.ofDays(3);

  private final JdbcClient jdbc;
  private final MeterRegistry meters;
  private final InstantSource clock;
  private final Map<String, Long> reported = new HashMap<>();

  FigureReports(JdbcClient jdbc, MeterRegistry meters, InstantSource clock) {
    this.jdbc = jdbc;
    this.meters = meters;
    this.clock = clock;
  }

  @Scheduled(fixedDelay = 10_000, initialDelay = 10_000)
  void report() {
    try {
      noteEvents();
      jdbc.sql("SELECT profile_pic.sample_minute(? * interval '1 second')")
          .param(KEPT.toSeconds())
          .query(Boolean.class)
          .single();
    } catch (DataAccessException | TransactionException away) {
      log.debug("figures are kept later: {}", away.getMessage());
    }
  }

  private void noteEvents() {
    var counted = new HashMap<String, Long>();
    for (var counter : meters.find("profilepic.events").counters()) {
      counted.merge(nameOf(counter), Math.round(counter.count()), Long::sum);
    }
    var names = new ArrayList<String>();
    var news = new ArrayList<Long>();
    counted.forEach((name, count) -> {
      long more = count - reported.getOrDefault(name, 0L);
      if (more > 0) {
        names.add(name);
        news.add(more);
      }
    });
    if (names.isEmpty()) {
      return;
    }
    var minute = clock.instant().truncatedTo(ChronoUnit.MINUTES).atOffset(ZoneOffset.UTC);
    jdbc.sql(
            """
            SELECT 1 FROM profile_pic.note_figures(NULL, array_fill(''::text, ARRAY[:n]), array_fill(:minute::timestamptz, ARRAY[:n]), :names::text[], :counts::bigint[])
            """)
        .param("n", names.size())
        .param("minute", minute)
        .param("names", names.toArray(String[]::new))
        .param("counts", news.toArray(Long[]::new))
        .query(Integer.class)
        .list();
    reported.putAll(counted);
  }

  private static String nameOf(Counter counter) {
    var id = counter.getId();
    return "event."
        + Objects.requireNonNullElse(id.getTag("source"), "")
        + "."
        + Objects.requireNonNullElse(id.getTag("result"), "");
  }
}
