package dev.profilepic.receiver.console;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * All that explains why a lead has a photo, or has none: a row of {@code profile_pic.lead_facts}.
 *
 * @param inCrm whether the CRM has it still
 * @param reason outcome of the newest attempt; null when we never heard of the lead
 * @param leadNote OWN_PHOTO or REWRITTEN_TOO_OFTEN: why the CRM's row does not show our photo
 * @param requestedAt when somebody asked last
 * @param servedAt when a request was completed last
 * @param messageId of the request that waits or is worked on; null when none is
 * @param dueAt when that comes back, after a failure; while it is worked on, when its lease ends
 * @param leased whether it is worked on
 * @param ahead how many stand before it in its instance's line; null when it stands in none
 * @param writeError why the CRM refused its row last
 * @param writeSince since when its row waits to be written; null when it does not
 * @param paused whether an operator paused the instance
 * @param restsUntil until when the instance asks nothing; null when it may ask
 * @param pauseReason OPERATOR, THROTTLED, INSTANCE_DOWN; null for quiet hours
 * @param pace lookups per minute of the instance
 * @param backgroundFrom when the working hours of the instance begin; null while it does background
 *     work
 * @param background whether the request is such work, which nobody waits for
 * @param eta when its turn comes, with regard to pace, pause and hours, if nothing comes in
 *     between; null when it stands in no line, or when nobody can say
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

  /** Whether the request waits for the working hours of its instance. */
  boolean isHeld() {
    return messageId != null && background && backgroundFrom != null && !leased;
  }

  public boolean isErased() {
    return state.equals("ERASED");
  }
}
