package dev.profilepic.receiver.console;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * All facts that explain why a lead has a photo or has none: a row of {@code
 * profile_pic.lead_facts}.
 *
 * @param inCrm whether the CRM still has the lead
 * @param reason outcome of the newest attempt; null when we never heard of the lead
 * @param leadNote OWN_PHOTO or REWRITTEN_TOO_OFTEN: why the CRM's row does not show our photo
 * @param requestedAt time of the last request
 * @param servedAt time when a request was last completed
 * @param messageId of the request that waits or is being worked; null when there is none
 * @param dueAt when the message comes back after a failure; while it is being worked, when its
 *     lease ends
 * @param leased whether the message is being worked
 * @param ahead how many messages stand before this message in its instance's line; null when it is
 *     not in a line
 * @param writeError why the CRM last refused the write to its row
 * @param writeSince since when the write to its row waits; null when no write waits
 * @param paused whether an operator paused the instance
 * @param restsUntil the instance starts no query until then; null when it may start queries
 * @param pauseReason OPERATOR, THROTTLED, INSTANCE_DOWN; null for quiet hours
 * @param pace lookups per minute of the instance
 * @param backgroundFrom when the working hours of the instance begin; null while it may do
 *     background work
 * @param background whether the request is background work, for which no user waits
 * @param eta when its turn comes under pace, pause and working hours, if no other message comes in
 *     between; null when it is not in a line, or when the time is unknown
 */
record LeadFacts(
    String leadId,
    boolean inCrm,
    @Nullable String name,
    @Nullable String phone,
    @Nullable String instanceId,
    String state,
    @Nullable String reason,
    @Nullable String face,
    @Nullable Instant fetchedAt,
    @Nullable Instant checkedAt,
    @Nullable Instant nextCheckAt,
    int attempts,
    @Nullable String lastError,
    @Nullable Instant erasedAt,
    @Nullable String leadNote,
    @Nullable Instant requestedAt,
    @Nullable Instant servedAt,
    @Nullable Long messageId,
    @Nullable Instant dueAt,
    boolean leased,
    @Nullable Integer ahead,
    @Nullable String writeError,
    @Nullable Instant writeSince,
    boolean paused,
    @Nullable Instant restsUntil,
    @Nullable String pauseReason,
    String breaker,
    int pace,
    @Nullable Instant backgroundFrom,
    boolean background,
    @Nullable Instant eta) {

  /** Returns whether the request waits for the working hours of its instance. */
  boolean isHeld() {
    return messageId != null && background && backgroundFrom != null && !leased;
  }

  public boolean isErased() {
    return state.equals("ERASED");
  }
}
