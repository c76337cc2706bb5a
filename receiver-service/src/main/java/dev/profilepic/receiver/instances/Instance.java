package dev.profilepic.receiver.instances;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A WhatsApp number as the queue knows it.
 *
 * @param pacePerMinute lookups per minute; null for the workers' default
 * @param paused by an operator, until resumed
 * @param pausedUntil end of a pause that WhatsApp asked for; null when there is none
 * @param source where its pictures are asked for; null for the workers' default
 * @param breaker CLOSED when lookups go well, OPEN when they fail and are not tried, HALF_OPEN when
 *     one is tried
 * @param breakerChangedAt when that began; null when it was never otherwise
 * @param states leads by what is known of their photo
 * @param outcomes leads by the outcome code of their newest attempt
 */
record Instance(
    @JsonProperty("instance_id") String instanceId,
    @JsonProperty("pace_per_minute") @Nullable Integer pacePerMinute,
    boolean paused,
    @JsonProperty("paused_until") @Nullable Instant pausedUntil,
    @JsonProperty("pause_reason") @Nullable String pauseReason,
    @JsonProperty("quiet_hours") @Nullable QuietHours quietHours,
    @Nullable InstanceSource source,
    String breaker,
    @JsonProperty("breaker_changed_at") @Nullable Instant breakerChangedAt,
    Map<String, Long> states,
    Map<String, Long> outcomes) {

  /**
   * Hours without lookups.
   *
   * @param from local time, for example 22:00; later than {@code to} when it spans midnight
   * @param zone time zone, for example America/Sao_Paulo
   */
  record QuietHours(String from, String to, String zone) {}
}
