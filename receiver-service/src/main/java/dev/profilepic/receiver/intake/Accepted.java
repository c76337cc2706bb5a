package dev.profilepic.receiver.intake;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The answer 202: the request is in the queue, or is already satisfied.
 *
 * @param status {@code queued} or {@code duplicate}
 * @param messageId of the message that serves the request, if there is one in the queue
 * @param timestamp of the event, as recorded
 */
public record Accepted(
    boolean success,
    String status,
    @JsonProperty("lead_id") @Nullable String leadId,
    @JsonProperty("message_id") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long messageId,
    Instant timestamp) {}
