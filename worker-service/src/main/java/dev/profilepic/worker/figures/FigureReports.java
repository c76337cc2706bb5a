package dev.profilepic.worker.figures;

import dev.profilepic.worker.queue.Complaints;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Reports to the database every few seconds: the outcomes by instance, the times from enqueueing to
 * completion, and that this worker is alive. It reads the counters that Prometheus reads, so an
 * attempt does no extra work for these reports.
 */
@Component
class FigureReports {

  /** Upper bounds in seconds; longer times count in the last class. */
  private static final List<Integer> CLASSES =
      List.of(1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600);

  private record Figure(String instance, String name) {}

  private final Complaints complaints =
      new Complaints(LoggerFactory.getLogger(FigureReports.class));
  private final String worker = ManagementFactory.getRuntimeMXBean().getName();
  private final JdbcClient jdbc;
  private final MeterRegistry meters;
  private final InstantSource clock;
  private final Map<Figure, Long> reported = new HashMap<>();

  FigureReports(JdbcClient jdbc, MeterRegistry meters, InstantSource clock) {
    this.jdbc = jdbc;
    this.meters = meters;
    this.clock = clock;
  }

  @Scheduled(fixedDelay = 10_000, initialDelay = 2_000)
  void report() {
    try {
      var counted = counted();
      var instances = new ArrayList<String>();
      var names = new ArrayList<String>();
      var news = new ArrayList<Long>();
      counted.forEach((figure, count) -> {
        long more = count - reported.getOrDefault(figure, 0L);
        if (more > 0) {
          instances.add(figure.instance());
          names.add(figure.name());
          news.add(more);
        }
      });
      jdbc.sql(
              """
              SELECT 1 FROM profile_pic.note_figures(:worker, :instances::text[],
                array_fill(:minute::timestamptz, ARRAY[cardinality(:instances::text[])]), :names::text[], :counts::bigint[])
              """)
          .param("worker", worker)
          .param("instances", instances.toArray(String[]::new))
          .param("minute", clock.instant().truncatedTo(ChronoUnit.MINUTES).atOffset(ZoneOffset.UTC))
          .param("names", names.toArray(String[]::new))
          .param("counts", news.toArray(Long[]::new))
          .query(Integer.class)
          .list();
      reported.putAll(counted);
    } catch (RuntimeException failure) {
      complaints.about("figures for the console are told later: {}", failure);
    }
  }

  private Map<Figure, Long> counted() {
    var counted = new HashMap<Figure, Long>();
    for (var counter : meters.find("profilepic.outcomes").counters()) {
      var name = "outcome." + counter.getId().getTag("outcome");
      long count = Math.round(counter.count());
      counted.merge(new Figure("", name), count, Long::sum);
      var instance = counter.getId().getTag("instance");
      if (instance != null) {
        counted.merge(new Figure(instance, name), count, Long::sum);
      }
    }
    countSeconds(counted);
    return counted;
  }

  /** Counts the times by class. The timer's buckets are cumulative, and finer than a chart. */
  private void countSeconds(Map<Figure, Long> counted) {
    var timer = meters.find("profilepic.end.to.end").timer();
    if (timer == null) {
      return;
    }
    var snapshot = timer.takeSnapshot();
    long below = 0;
    for (int bound : CLASSES) {
      long within = 0;
      for (var bucket : snapshot.histogramCounts()) {
        if (bucket.bucket(TimeUnit.SECONDS) <= bound) {
          within = Math.max(within, Math.round(bucket.count()));
        }
      }
      if (bound == CLASSES.getLast()) {
        within = snapshot.count();
      }
      counted.put(new Figure("", "seconds." + bound), within - below);
      below = within;
    }
  }
}
