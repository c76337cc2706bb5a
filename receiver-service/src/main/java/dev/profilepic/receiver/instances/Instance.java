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
 * @param states leads by what is known of their photo
 */
record Instance(
    @JsonProperty("instance_id") String instanceId,
    @JsonProperty("pace_per_minute") @Nullable Integer pacePerMinute,
    boolean paused,
    @JsonProperty("paused_until") @Nullable Instant pausedUntil,
    @JsonProperty("pause_reason") @Nullable String pauseReason,
    @JsonProperty("quiet_hours") @Nullable QuietHours quietHours,
    Map<String, Long> states) {

  /**
   * Hours without lookups.
   *
   * @param from local time, for example 22:00; later than {@code to} when it spans midnight
   * @param zone time zone, for example America/Sao_Paulo
   */
  record QuietHours(String from, String to, String zone) {}
}
