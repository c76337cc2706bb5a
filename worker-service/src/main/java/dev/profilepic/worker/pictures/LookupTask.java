package dev.profilepic.worker.pictures;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.worker.queue.Delivery;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A valid message, with the lead whose picture it asks for and the way to get the picture.
 *
 * @param delivery the message
 * @param lead whose photo is asked for
 * @param phone to look up
 * @param url the message's link; null when there is none, or when it is known to be of no use
 * @param force whether to fetch even a picture that looks unchanged
 * @param requestedAt time of the event
 */
record LookupTask(
    Delivery delivery,
    Delivery.Lead lead,
    PhoneNumber phone,
    @Nullable String url,
    boolean force,
    Instant requestedAt)
    implements TaskReader.Reading {

  private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(1);

  /**
   * Returns the event's time, unless its sender's clock is ahead: a time in the future would shut
   * out every later event.
   */
  static Instant requestedAt(@Nullable Instant timestamp, Instant enqueuedAt) {
    return timestamp == null || timestamp.isAfter(enqueuedAt.plus(CLOCK_TOLERANCE))
        ? enqueuedAt
        : timestamp;
  }

  /**
   * Returns WhatsApp's id of the picture that we have; null when there is none, or when the picture
   * is fetched anyway.
   */
  @Nullable String knownId() {
    return force || lead.sha256() == null ? null : lead.sourceId();
  }

  /** Returns whether this picture is the one that we have. */
  boolean has(@Nullable String pictureId) {
    return pictureId != null && pictureId.equals(knownId());
  }
}
