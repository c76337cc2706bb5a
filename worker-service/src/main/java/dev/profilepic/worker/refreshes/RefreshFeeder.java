package dev.profilepic.worker.refreshes;

import dev.profilepic.worker.queue.BatchProperties;
import dev.profilepic.worker.queue.Complaints;
import dev.profilepic.worker.queue.DefaultInstance;
import dev.profilepic.worker.queue.QueueProperties;
import dev.profilepic.worker.sources.PictureSources;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Keeps photos fresh: feeds leads whose next check is due, a few seconds ahead of their instance's
 * pace. Any number of replicas may do it; only one feeds at a time.
 */
@Component
class RefreshFeeder {

  /**
   * The work, as time at the instance's pace, that may wait in the queue. A new lead waits behind
   * it.
   */
  private static final Duration AHEAD = Duration.ofSeconds(5);

  /**
   * The most leads of one step, of all instances together. 400 leads in a second are more than the
   * paces of the instances allow.
   */
  private static final int MOST_AT_ONCE = 200;

  private final Complaints complaints =
      new Complaints(LoggerFactory.getLogger(RefreshFeeder.class));

  private final JdbcTemplate jdbc;
  private final QueueProperties queue;
  private final DefaultInstance defaultInstance;
  private final RefreshProperties properties;
  private final PictureSources sources;
  private final BatchProperties batches;
  private final Counter fed;

  RefreshFeeder(
      JdbcTemplate jdbc,
      QueueProperties queue,
      DefaultInstance defaultInstance,
      RefreshProperties properties,
      PictureSources sources,
      BatchProperties batches,
      MeterRegistry meters) {
    this.jdbc = jdbc;
    this.queue = queue;
    this.defaultInstance = defaultInstance;
    this.properties = properties;
    this.sources = sources;
    this.batches = batches;
    this.fed =
        Counter.builder("profilepic.refreshes")
            .description("Leads that were put into the queue because their next check was due")
            .register(meters);
  }

  @Scheduled(fixedDelayString = "PT0.5S")
  void tick() {
    if (!properties.enabled()) {
      return;
    }
    try {
      fed.increment(feedOnce());
    } catch (RuntimeException failure) {
      complaints.about("no leads were refreshed: {}", failure);
    }
  }

  /**
   * Feeds the leads that are due now.
   *
   * @return how many leads were put into the queue
   */
  private long feedOnce() {
    var capable = batches.enabled() ? sources.batches() : PictureSources.Capable.NONE;
    Long leads =
        jdbc.queryForObject(
            "SELECT profile_pic.feed_refreshes(?, ?, ? * interval '1 ms', ?, ?, ?, ? * interval '1 ms')",
            Long.class,
            defaultInstance.get(),
            queue.pacePerMinute(),
            AHEAD.toMillis(),
            MOST_AT_ONCE,
            capable.others(),
            capable.butFor(),
            batches.gathering().toMillis());
    return leads == null ? 0 : leads;
  }
}
