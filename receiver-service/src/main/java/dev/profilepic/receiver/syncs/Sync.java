package dev.profilepic.receiver.syncs;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A bulk sync and its progress. {@code done + in_flight + waiting = total}, always. After a cancel,
 * {@code waiting} counts the leads that never ran.
 *
 * @param kind list, without_photo or filtered
 * @param filter the leads' state or reason; null for a sync of another kind
 * @param state RUNNING, PAUSED, CANCELLED, DONE
 * @param outcomes done leads by outcome; FRESH leads needed no lookup, FAILED leads became dead
 *     letters
 * @param ratePerMinute leads done per minute since the start
 * @param etaSeconds at the instance's pace, within its working hours; null when the sync does not
 *     run, or when the time is unknown
 */
public record Sync(
    boolean success,
    @JsonProperty("sync_id") long syncId,
    @JsonProperty("instance_id") String instanceId,
    String kind,
    @Nullable SyncFilter filter,
    String state,
    @JsonProperty("force_update") boolean forceUpdate,
    long total,
    long done,
    @JsonProperty("in_flight") long inFlight,
    long waiting,
    Map<String, Long> outcomes,
    @JsonProperty("created_at") Instant createdAt,
    @JsonProperty("finished_at") @Nullable Instant finishedAt,
    @JsonProperty("rate_per_minute") double ratePerMinute,
    @JsonProperty("eta_seconds") @Nullable Long etaSeconds) {

  @JsonIgnore
  public boolean isUnfinished() {
    return state.equals("RUNNING") || state.equals("PAUSED");
  }

  static double rate(long done, Instant from, Instant to) {
    var seconds = Math.max(1, Duration.between(from, to).toSeconds());
    return Math.round(done * 600.0 / seconds) / 10.0;
  }

  /** Returns how long the given number of lookups takes at a pace, in seconds. */
  static long eta(long leads, int pacePerMinute) {
    return Math.ceilDiv(leads * 60, pacePerMinute);
  }
}
