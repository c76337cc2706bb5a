package dev.profilepic.receiver.endpoints;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of an event's delivery to an endpoint.
 *
 * @param webhookId the header {@code webhook-id} of this event
 * @param state pending, delivered, skipped (there was nothing to do) or failed (given up)
 * @param status HTTP status of the last answer; null when there was none
 * @param detail the result of the last try when it did not succeed
 */
public record Delivery(
    long id,
    @JsonProperty("webhook_id") String webhookId,
    String type,
    Instant at,
    @JsonProperty("lead_id") @Nullable String leadId,
    @JsonProperty("instance_id") @Nullable String instanceId,
    String state,
    int attempts,
    @JsonProperty("next_at") @Nullable Instant nextAt,
    @JsonProperty("tried_at") @Nullable Instant triedAt,
    @Nullable Integer status,
    @Nullable String detail) {}
