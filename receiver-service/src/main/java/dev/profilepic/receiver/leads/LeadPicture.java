package dev.profilepic.receiver.leads;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a lead's photo.
 *
 * @param state PENDING, STORED, NOT_SET, HIDDEN, NOT_ON_WHATSAPP, FAILED, ERASED; UNKNOWN before
 *     the first event, when there is no reason, and when the gateway cannot tell "none" from
 *     "failed", when the reason is UNKNOWN
 * @param reason outcome of the newest attempt
 * @param url a signed link, when there is a photo
 * @param attempts that failed since the newest event
 * @param queued whether a message for the lead waits in the queue
 */
public record LeadPicture(
    boolean success,
    @JsonProperty("lead_id") String leadId,
    String state,
    @Nullable String reason,
    @Nullable String url,
    @JsonProperty("checked_at") @Nullable Instant checkedAt,
    @JsonProperty("fetched_at") @Nullable Instant fetchedAt,
    @JsonProperty("next_check_at") @Nullable Instant nextCheckAt,
    int attempts,
    @JsonProperty("last_error") @Nullable String lastError,
    boolean queued) {}
