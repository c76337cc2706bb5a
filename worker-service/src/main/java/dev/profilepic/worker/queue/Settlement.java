package dev.profilepic.worker.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The result of an attempt, ready for {@code profile_pic.settle}: one element of each array of that
 * function.
 *
 * @param delivery the message that was attempted
 * @param disposition the consequence for the message
 * @param outcome code of the outcome
 * @param detail the reason in words; null when the code says it all
 * @param extraQueries queries to WhatsApp beyond the one whose token was taken
 * @param result the facts learned about the lead; null when the message could not be read so far
 */
public record Settlement(
    Delivery delivery,
    Disposition disposition,
    String outcome,
    @Nullable String detail,
    int extraQueries,
    @Nullable Result result) {

  /** Returns a settlement that says nothing about the lead. */
  public static Settlement ofTheMessage(
      Delivery delivery, Disposition disposition, String outcome, @Nullable String detail) {
    return new Settlement(delivery, disposition, outcome, detail, 0, null);
  }

  public Lease lease() {
    return delivery.lease();
  }

  /** Returns how many failures of the message counted, this one included. */
  public int attempts() {
    return switch (disposition) {
      case Disposition.Complete _ -> 0;
      case Disposition.Retry _ -> delivery.attempts() + 1;
      case Disposition.Defer _, Disposition.GiveBack() -> delivery.attempts();
      case Disposition.Dead(int attempts) -> attempts;
    };
  }

  /**
   * The facts that an attempt learned about its lead.
   *
   * @param phone that was looked up, digits only
   * @param requestedAt time of the event that asked
   * @param jid canonical id of the contact
   * @param lid digits of the LID that the source named for the phone
   * @param sourceUrl the source's link to the picture
   * @param sourceId the source's id of the picture
   * @param leadUrl our link to the picture
   * @param comparedWith digest of the bytes that the attempt compared with
   * @param photo the picture, when it is new
   */
  public record Result(
      String phone,
      Instant requestedAt,
      @Nullable String jid,
      @Nullable String lid,
      @Nullable String sourceUrl,
      @Nullable String sourceId,
      @Nullable String leadUrl,
      @Nullable String comparedWith,
      @Nullable Photo photo) {}

  /**
   * A new picture.
   *
   * @param sha256 hex digest of the bytes that were downloaded
   * @param storageKey the key under which the bytes are kept
   * @param size of the kept photo, in bytes
   * @param bytes null when the bucket has them already
   */
  public record Photo(
      String sha256,
      String contentType,
      int width,
      int height,
      String storageKey,
      int size,
      byte @Nullable [] bytes) {}
}
