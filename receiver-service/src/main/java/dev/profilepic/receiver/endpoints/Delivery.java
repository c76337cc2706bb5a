package dev.profilepic.receiver.endpoints;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of an event for an endpoint.
 *
 * @param webhookId the header {@code webhook-id} that it is told with
 * @param state pending, delivered, skipped (there was nothing to do) or failed (given up)
 * @param status HTTP status of the last answer; null when there was none
 * @param detail what the last attempt came to, when it did not succeed
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
