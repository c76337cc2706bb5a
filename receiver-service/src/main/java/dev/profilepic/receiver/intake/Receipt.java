package dev.profilepic.receiver.intake;

import org.jspecify.annotations.Nullable;

/**
 * What became of a request, committed.
 *
 * @param leadId the lead's canonical id; null when the CRM has no such lead
 * @param messageId of the message that serves the request, if one is in the queue
 */
public record Receipt(Status status, @Nullable String leadId, @Nullable Long messageId) {

  /** The words of {@code profile_pic.enqueue}. */
  public enum Status {
    /** A message was added. */
    QUEUED,
    /** Already satisfied: one is pending, or what is known is fresh. */
    DUPLICATE,
    /** The CRM has no such lead. */
    UNKNOWN_LEAD,
    /** The person asked to be forgotten. */
    ERASED
  }
}
