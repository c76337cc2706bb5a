package dev.profilepic.receiver.instances;

import dev.profilepic.receiver.database.OperatorDatabase;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Counts leads by instance: by state, and by the outcome of their newest attempt. Counting reads
 * every lead (0.3 s at 1,000,000), so all callers within {@link #FRESH} share one count.
 */
@Component
class LeadCounts {

  static final Duration FRESH = Duration.ofSeconds(5);
  private static final Duration LATELY = Duration.ofSeconds(30);
  private static final Duration STALE = Duration.ofMinutes(10);
  private static final Logger log = LoggerFactory.getLogger(LeadCounts.class);

  /** The reason of leads without any attempt. It is no outcome. */
  private static final String NO_ATTEMPT = "QUEUED";

  /**
   * The leads of one instance.
   *
   * @param states leads by the state of their photo
   * @param outcomes leads by the outcome code of their newest attempt
   */
  record Counts(Map<String, Long> states, Map<String, Long> outcomes) {

    static final Counts NONE = new Counts(Map.of(), Map.of());

    private void add(String state, String reason, long leads) {
      states.merge(state, leads, Long::sum);
      if (!reason.equals(NO_ATTEMPT)) {
        outcomes.merge(reason, leads, Long::sum);
      }
    }
  }

  /** The counts of all instances that have leads, taken at the same time. */
  record Snapshot(Map<String, Counts> byInstance, Instant readAt) {

    Counts of(String instanceId) {
      return byInstance.getOrDefault(instanceId, Counts.NONE);
    }

    Set<String> instanceIds() {
      return byInstance.keySet();
    }
  }

  private final JdbcClient jdbc;
  private final InstantSource clock;
  private final ReentrantLock counting = new ReentrantLock();
  private volatile @Nullable Snapshot newest;

  LeadCounts(OperatorDatabase database, InstantSource clock) {
    this.jdbc = database.jdbc();
    this.clock = clock;
  }

  /** Returns counts that are at most some seconds old. */
  Snapshot counted() {
    var known = newest;
    if (known != null && isFresh(known)) {
      return known;
    }
    counting.lock();
    try {
      var byNow = newest;
      return byNow != null && isFresh(byNow) ? byNow : count();
    } finally {
      counting.unlock();
    }
  }

  /**
   * Returns counts that are at most some minutes old, without waiting for a count of every lead.
   * Counts older than {@link #LATELY} are renewed for later callers.
   */
  Snapshot lately() {
    var known = newest;
    if (known == null || !isYoungerThan(known, STALE)) {
      return counted();
    }
    if (!isYoungerThan(known, LATELY) && !counting.isLocked()) {
      Thread.ofVirtual().name("count-leads").start(this::countQuietly);
    }
    return known;
  }

  private void countQuietly() {
    try {
      counted();
    } catch (DataAccessException away) {
      log.debug("the leads are counted later: {}", away.getMessage());
    }
  }

  private Snapshot count() {
    var now = clock.instant();
    var byInstance = new HashMap<String, Counts>();
    jdbc.sql("SELECT instance_id, state, reason, leads FROM profile_pic.count_pictures()")
        .query(row -> {
          byInstance
              .computeIfAbsent(
                  row.getString("instance_id"), id -> new Counts(new TreeMap<>(), new TreeMap<>()))
              .add(row.getString("state"), row.getString("reason"), row.getLong("leads"));
        });
    var counted = new Snapshot(byInstance, now);
    newest = counted;
    return counted;
  }

  private boolean isFresh(Snapshot snapshot) {
    return isYoungerThan(snapshot, FRESH);
  }

  private boolean isYoungerThan(Snapshot snapshot, Duration age) {
    return snapshot.readAt().plus(age).isAfter(clock.instant());
  }
}
