package dev.profilepic.worker.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A leased message, with the database's knowledge of its lead at that moment.
 *
 * @param lease proves that the message is ours
 * @param deliveries how often it was leased since it was last given back on purpose, this time
 *     included
 * @param attempts failures that counted so far
 * @param downSince since when its instance or the bridge has been down without a break; null when
 *     neither was down
 * @param enqueuedAt when it entered the queue
 * @param claimedAt when it was leased, by the database's clock
 * @param message the message as JSON text; null when it is SQL null or too large
 * @param oversized whether the message is larger than 64 KiB, and was not read
 * @param traceparent W3C trace context of the request that caused the message
 * @param instanceId the instance to ask, by the message, the lead or the default; null when no
 *     instance is named
 * @param lead the lead; null when the message names no lead that exists
 * @param lookupPaid whether a lookup is needed and its token is taken already
 * @param joined the requests that joined the message while it waited
 * @param mayBegin whether a lookup may still begin under the token that was taken
 */
public record Delivery(
    Lease lease,
    int deliveries,
    int attempts,
    @Nullable Instant downSince,
    Instant enqueuedAt,
    Instant claimedAt,
    @Nullable String message,
    boolean oversized,
    @Nullable String traceparent,
    @Nullable String instanceId,
    @Nullable Lead lead,
    boolean lookupPaid,
    Joined joined,
    Freshness mayBegin) {

  /**
   * @param id canonical id
   * @param phone as the CRM's row holds it; null when the row holds no phone
   * @param state the state of its photo; null before the first settle
   * @param sourceId WhatsApp's id of the picture that we have
   * @param sha256 hex digest of the bytes that we have
   * @param linkGeneration of the links to its photo; earlier generations are revoked
   * @param rowDiffers whether the CRM's row shows another link than it should
   */
  public record Lead(
      String id,
      @Nullable String phone,
      @Nullable String state,
      @Nullable String sourceId,
      @Nullable String sha256,
      int linkGeneration,
      boolean rowDiffers) {}

  /**
   * The values that arrived for the lead while its message waited, the newest of each kind.
   *
   * @param forced whether the picture is fetched even when it looks unchanged
   * @param url a link to the picture
   * @param phone the phone to look up instead of the message's
   */
  public record Joined(boolean forced, @Nullable String url, @Nullable String phone) {}

  /** Returns the same message, with its lead marked as a person who asked to be forgotten. */
  public Delivery ofAnErasedLead() {
    @Nullable Lead erased =
        lead == null
            ? null
            : new Lead(
                lead.id(),
                lead.phone(),
                "ERASED",
                null,
                null,
                lead.linkGeneration(),
                lead.rowDiffers());
    return new Delivery(
        lease,
        deliveries,
        attempts,
        downSince,
        enqueuedAt,
        claimedAt,
        message,
        oversized,
        traceparent,
        instanceId,
        erased,
        lookupPaid,
        joined,
        mayBegin);
  }

  /** Decides whether a lease is young enough for its lookup to begin. */
  @FunctionalInterface
  public interface Freshness {

    /**
     * The longest time from a lease to the beginning of its lookup. When the lookup has not begun
     * by then, the lease is given back; its token stays spent.
     */
    Duration LONGEST_START = Duration.ofSeconds(2);

    boolean holds();

    /**
     * Returns the freshness of leases that are asked for after this call, so that no lease can be
     * older.
     */
    static Freshness fromNow(LongSupplier nanoTime) {
      long askedAt = nanoTime.getAsLong();
      return () -> nanoTime.getAsLong() - askedAt <= LONGEST_START.toNanos();
    }
  }
}
