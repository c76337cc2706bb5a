package dev.profilepic.receiver.syncs;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A bulk sync and how far it is. {@code done + in_flight + waiting = total}, always; after a
 * cancel, what waits never ran.
 *
 * @param kind list, without_photo or filtered
 * @param filter which leads it looks at, by what is known of them; null of any other kind
 * @param state RUNNING, PAUSED, CANCELLED, DONE
 * @param outcomes done leads by outcome; FRESH needed nothing, FAILED became dead letters
 * @param ratePerMinute leads done per minute since the start
 * @param etaSeconds at the instance's pace, in the hours in which it works; null when it does not
 *     run, or when nobody can say
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

  /** How long so many lookups take at a pace. */
  static long eta(long leads, int pacePerMinute) {
    return Math.ceilDiv(leads * 60, pacePerMinute);
  }
}
