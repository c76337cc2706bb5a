package dev.profilepic.receiver.intake;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A checked request for one lead's photo.
 *
 * @param leadId the CRM's id, as the caller wrote it
 * @param phone digits only, country code first
 * @param profilePicUrl a link that came along; its host is allowed
 * @param instanceId the WhatsApp number to ask through; null when the caller does not know
 * @param timestamp of the event
 * @param syncType why: webhook, new_lead, manual, bulk, refresh
 * @param forceUpdate whether it passes although the photo is fresh or a request is pending
 * @param traceparent W3C trace context of the request
 * @param sibling whether it waits for the answer to another request with the same phone
 * @param callerInstances the instances that the caller is bound to, separated by commas; null when
 *     it is bound to none
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

  /** The same, for a photo that is known to be the one we have. */
  public PhotoRequest unforced() {
    return withForce(false);
  }

  /** The same, for a photo that may be gone. */
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
