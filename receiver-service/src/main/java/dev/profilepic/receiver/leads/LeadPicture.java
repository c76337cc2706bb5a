package dev.profilepic.receiver.leads;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a lead's photo.
 *
 * @param state PENDING, STORED, NOT_SET, HIDDEN, NOT_ON_WHATSAPP, FAILED, ERASED or UNKNOWN.
 *     UNKNOWN has two causes: there was no event yet, and the reason is null; or the gateway cannot
 *     tell "none" from "failed", and the reason is UNKNOWN
 * @param reason outcome of the newest attempt
 * @param url a signed link, when there is a photo
 * @param attempts that failed since the newest event
 * @param queued whether a message for the lead is in the queue
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
