package dev.profilepic.worker.syncs;

import dev.profilepic.worker.queue.BatchProperties;
import dev.profilepic.worker.queue.Complaints;
import dev.profilepic.worker.queue.QueueProperties;
import dev.profilepic.worker.sources.PictureSources;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Feeds every running bulk sync a few seconds ahead of its instance's pace. Any number of replicas
 * may do it. One replica at a time feeds a sync, and each step is one transaction, so that a crash
 * feeds nothing twice and loses nothing.
 */
@Component
class SyncFeeder {

  /**
   * The work, as time at the instance's pace, that may wait in the queue. A new lead waits behind
   * it.
   */
  private static final Duration AHEAD = Duration.ofSeconds(5);

  private final Complaints complaints = new Complaints(LoggerFactory.getLogger(SyncFeeder.class));

  private final JdbcTemplate jdbc;
  private final QueueProperties queue;
  private final PictureSources sources;
  private final BatchProperties batches;
  private final MultiGauge remaining;

  SyncFeeder(
      JdbcTemplate jdbc,
      QueueProperties queue,
      PictureSources sources,
      BatchProperties batches,
      MeterRegistry meters) {
    this.jdbc = jdbc;
    this.queue = queue;
    this.sources = sources;
    this.batches = batches;
    this.remaining =
        MultiGauge.builder("profilepic.sync.remaining")
            .description("Leads that a running bulk sync has still to do")
            .register(meters);
  }

  @Scheduled(fixedDelayString = "PT0.5S")
  void tick() {
    try {
      feedOnce();
    } catch (RuntimeException failure) {
      complaints.about("the bulk syncs were not fed: {}", failure);
    }
  }

  /**
   * Feeds the leads that are due now.
   *
   * @return how many leads were taken on
   */
  long feedOnce() {
    var capable = batches.enabled() ? sources.batches() : PictureSources.Capable.NONE;
    Long fed =
        jdbc.queryForObject(
            "SELECT profile_pic.feed_syncs(?, ? * interval '1 ms', ?, ?)",
            Long.class,
            queue.pacePerMinute(),
            AHEAD.toMillis(),
            capable.others(),
            capable.butFor());
    return fed == null ? 0 : fed;
  }

  @Scheduled(fixedDelayString = "PT5S")
  void measure() {
    try {
      remaining.register(
          jdbc.query(
              "SELECT id, waiting + in_flight AS remaining FROM profile_pic.sync_progress WHERE state IN ('RUNNING', 'PAUSED')",
              (row, number) ->
                  MultiGauge.Row.of(
                      Tags.of("sync", Long.toString(row.getLong("id"))), row.getLong("remaining"))),
          true);
    } catch (RuntimeException failure) {
      complaints.about("the bulk syncs' progress is unknown: {}", failure);
    }
  }
}
