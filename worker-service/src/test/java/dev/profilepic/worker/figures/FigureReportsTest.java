package dev.profilepic.worker.figures;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.TestDatabase;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class FigureReportsTest {

  private final TestDatabase database = TestDatabase.migrated();
  private final JdbcClient jdbc = JdbcClient.create(database.sessions());
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final FigureReports reports = new FigureReports(jdbc, meters, InstantSource.system());

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void whatWasCountedIsToldOnceForItsInstanceAndForAll() {
    look("STORED", "one", 3);
    look("STORED", "two", 2);
    look("HIDDEN", "two", 1);
    reports.report();
    look("STORED", "one", 4);
    reports.report();
    reports.report();

    assertThat(figures(""))
        .containsAllEntriesOf(Map.of("outcome.STORED", 9L, "outcome.HIDDEN", 1L));
    assertThat(figures("one")).isEqualTo(Map.of("outcome.STORED", 7L));
    assertThat(figures("two")).isEqualTo(Map.of("outcome.STORED", 2L, "outcome.HIDDEN", 1L));
  }

  @Test
  void howLongTheyTookIsToldByClass() {
    var timer =
        Timer.builder("profilepic.end.to.end")
            .publishPercentileHistogram()
            .maximumExpectedValue(Duration.ofHours(1))
            .register(meters);
    timer.record(Duration.ofMillis(300));
    timer.record(Duration.ofMillis(400));
    timer.record(Duration.ofSeconds(40));
    timer.record(Duration.ofHours(9));

    reports.report();

    assertThat(figures(""))
        .isEqualTo(Map.of("seconds.1", 2L, "seconds.60", 1L, "seconds.3600", 1L));
  }

  @Test
  void aWorkerWithNothingToDoIsThereAllTheSame() {
    reports.report();

    assertThat(
            jdbc.sql("SELECT count(*) FROM profile_pic.worker_reports")
                .query(Integer.class)
                .single())
        .isEqualTo(1);
    assertThat(
            jdbc.sql("SELECT count(*) FROM profile_pic.list_troubles(NULL)")
                .query(Integer.class)
                .single())
        .as("somebody is there")
        .isZero();
  }

  private void look(String outcome, String instance, int times) {
    meters
        .counter("profilepic.outcomes", "outcome", outcome, "instance", instance)
        .increment(times);
  }

  private Map<String, Long> figures(String instance) {
    var figures = new TreeMap<String, Long>();
    jdbc.sql(
            "SELECT figure, sum(value) AS n FROM profile_pic.minute_figures WHERE instance_id = ? GROUP BY 1")
        .param(instance)
        .query(row -> {
          figures.put(row.getString(1), row.getLong(2));
        });
    return figures;
  }
}
