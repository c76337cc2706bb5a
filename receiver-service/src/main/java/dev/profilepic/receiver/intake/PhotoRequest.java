package dev.profilepic.receiver.intake;

import dev.profilepic.receiver.database.Times;
import dev.profilepic.receiver.http.Fields;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A checked request for one lead's photo.
 *
 * @param leadId the CRM's id, as the caller wrote it
 * @param phone digits only, country code first
 * @param profilePicUrl a link that came with the event; its host is allowed
 * @param instanceId the WhatsApp number to ask through; null when the caller does not know
 * @param timestamp of the event
 * @param syncType why the request exists: webhook, new_lead, manual, bulk, refresh
 * @param forceUpdate whether the request counts although the photo is fresh or another request is
 *     pending
 * @param traceparent W3C trace context of the call
 * @param sibling whether the request waits for the answer to another request with the same phone
 * @param callerInstances the instances that the caller is bound to, separated by commas; null when
 *     the caller is bound to none
 */
public record PhotoRequest(
    String leadId,
    String phone,
    @Nullable String profilePicUrl,
    @Nullable String instanceId,
    Instant timestamp,
    String syncType,
    boolean forceUpdate,
    @Nullable String traceparent,
    boolean sibling,
    @Nullable String callerInstances) {

  /**
   * Makes sure that the database can take the request: it shares a statement with other callers'
   * requests, and one bad request would undo them all.
   *
   * @throws IllegalArgumentException when a text is not acceptable; callers check their input
   *     before
   */
  public PhotoRequest {
    requirePlain(leadId);
    requirePlain(phone);
    requirePlain(profilePicUrl);
    requirePlain(instanceId);
    requirePlain(traceparent);
    timestamp =
        timestamp.isBefore(Instant.EPOCH)
            ? Instant.EPOCH
            : timestamp.isAfter(Times.LATEST) ? Times.LATEST : timestamp;
  }

  private static void requirePlain(@Nullable String text) {
    if (text != null && !Fields.isPlain(text)) {
      throw new IllegalArgumentException("a request has text that cannot be stored");
    }
  }

  /** Returns the same request without force, for a picture that we already have. */
  public PhotoRequest unforced() {
    return withForce(false);
  }

  /** Returns the same request with force, for a picture that may be gone. */
  public PhotoRequest forced() {
    return withForce(true);
  }

  private PhotoRequest withForce(boolean force) {
    return new PhotoRequest(
        leadId,
        phone,
        profilePicUrl,
        instanceId,
        timestamp,
        syncType,
        force,
        traceparent,
        sibling,
        callerInstances);
  }
}
