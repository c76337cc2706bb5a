package dev.profilepic.receiver.instances;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An instance, which is a WhatsApp number, with its settings and its state.
 *
 * @param pacePerMinute lookups per minute; null for the workers' default
 * @param paused by an operator, until resumed
 * @param pausedUntil end of a pause that WhatsApp asked for; null when there is none
 * @param workingHours for bulk syncs and refreshes; null for any time
 * @param backgroundFrom when the working hours begin next; null while background work may run
 * @param source of its pictures; null for the workers' default
 * @param breaker the circuit breaker: CLOSED when lookups go well, OPEN when they fail and are not
 *     tried, HALF_OPEN when a single lookup is tried
 * @param breakerChangedAt when the breaker's state began; null when it was always CLOSED
 * @param connection the bridge's last report of the number's connection; null when there is none
 * @param budget queries to WhatsApp that the bridge allows the number; null without a report
 * @param states leads by the state of their photo
 * @param outcomes leads by the outcome code of their newest attempt
 */
public record Instance(
    @JsonProperty("instance_id") String instanceId,
    @JsonProperty("pace_per_minute") @Nullable Integer pacePerMinute,
    boolean paused,
    @JsonProperty("paused_until") @Nullable Instant pausedUntil,
    @JsonProperty("pause_reason") @Nullable String pauseReason,
    @JsonProperty("quiet_hours") @Nullable QuietHours quietHours,
    @JsonProperty("working_hours") @Nullable WorkingHours workingHours,
    @JsonProperty("background_from") @Nullable Instant backgroundFrom,
    @Nullable InstanceSource source,
    String breaker,
    @JsonProperty("breaker_changed_at") @Nullable Instant breakerChangedAt,
    @Nullable Connection connection,
    @Nullable JsonNode budget,
    Map<String, Long> states,
    Map<String, Long> outcomes) {

  /**
   * Hours without lookups.
   *
   * @param from local time, for example 22:00; later than {@code to} when the hours span midnight
   * @param zone time zone, for example America/Sao_Paulo
   */
  public record QuietHours(String from, String to, String zone) {}

  /**
   * The bridge's report of a number's connection.
   *
   * @param state for example open, qr, logged_out or banned; null when the report was only about a
   *     restriction
   * @param until end of the state, where known
   * @param at since when
   * @param restrictedUntil until when WhatsApp keeps the account from starting chats
   */
  public record Connection(
      @Nullable String state,
      @Nullable String reason,
      @Nullable Instant until,
      @Nullable Instant at,
      @JsonProperty("restricted_until") @Nullable Instant restrictedUntil) {}
}
