package dev.profilepic.receiver.instances;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A WhatsApp number as the queue knows it.
 *
 * @param pacePerMinute lookups per minute; null for the workers' default
 * @param paused by an operator, until resumed
 * @param pausedUntil end of a pause that WhatsApp asked for; null when there is none
 * @param workingHours when it does bulk syncs and refreshes; null for at any time
 * @param backgroundFrom when it does so again; null while it may
 * @param source where its pictures are asked for; null for the workers' default
 * @param breaker CLOSED when lookups go well, OPEN when they fail and are not tried, HALF_OPEN when
 *     one is tried
 * @param breakerChangedAt when that began; null when it was never otherwise
 * @param connection how the bridge says that the number is connected; null when it never told
 * @param budget queries to WhatsApp that the bridge allows the number; null when it never told
 * @param states leads by what is known of their photo
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
   * @param from local time, for example 22:00; later than {@code to} when it spans midnight
   * @param zone time zone, for example America/Sao_Paulo
   */
  public record QuietHours(String from, String to, String zone) {}

  /**
   * What the bridge told of a number's connection.
   *
   * @param state for example open, qr, logged_out or banned; null when it told of a restriction
   *     only
   * @param until end of the state, where that is known
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
