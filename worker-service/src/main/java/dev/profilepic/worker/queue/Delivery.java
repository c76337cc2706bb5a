package dev.profilepic.worker.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A leased message, with what the database knew of its lead at that moment.
 *
 * @param lease proves that it is ours
 * @param deliveries how often it was leased since it was last given back on purpose, this time
 *     included
 * @param attempts failures that counted so far
 * @param enqueuedAt when it entered the queue
 * @param message the message as JSON text; null when somebody sent SQL null
 * @param traceparent W3C trace context of the request that caused it
 * @param instanceId the instance to ask, by the message, the lead or the default; null when none
 *     names one
 * @param lead the lead; null when the message names none that exists
 * @param lookupReserved whether a lookup is needed and its slot is reserved already
 */
public record Delivery(
    Lease lease,
    int deliveries,
    int attempts,
    Instant enqueuedAt,
    @Nullable String message,
    @Nullable String traceparent,
    @Nullable String instanceId,
    @Nullable Lead lead,
    boolean lookupReserved) {

  /**
   * @param id canonical id
   * @param state what was known of its photo; null before the first settle
   * @param sourceId WhatsApp's id of the picture that we have
   * @param sha256 hex digest of the bytes that we have
   */
  public record Lead(
      String id, @Nullable String state, @Nullable String sourceId, @Nullable String sha256) {}
}
