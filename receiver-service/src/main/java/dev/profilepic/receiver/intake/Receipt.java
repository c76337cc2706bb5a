package dev.profilepic.receiver.intake;

import org.jspecify.annotations.Nullable;

/**
 * The result of a request, committed.
 *
 * @param leadId the lead's canonical id; null when the CRM has no such lead
 * @param messageId of the message that serves the request, if there is one in the queue
 */
public record Receipt(Status status, @Nullable String leadId, @Nullable Long messageId) {

  /** The results of {@code profile_pic.enqueue}. */
  public enum Status {
    /** A message was added. */
    QUEUED,
    /** Already satisfied: a request is pending, or the photo's state is fresh. */
    DUPLICATE,
    /** The CRM has no such lead. */
    UNKNOWN_LEAD,
    /** The person asked to be forgotten. */
    ERASED
  }
}
