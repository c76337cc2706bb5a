package dev.profilepic.worker.queue;

import dev.profilepic.contract.ProfilePicMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Settlements as the pictures package would write them, in one line each. */
final class Results {

  static final String PHONE = "5562999212484";

  private Results() {}

  static Settlement stored(Delivery delivery, String sha256, byte[] bytes) {
    return stored(delivery, sha256, bytes, requestedAt(delivery));
  }

  static Settlement stored(Delivery delivery, String sha256, byte[] bytes, Instant requestedAt) {
    return storedFor(PHONE, delivery, sha256, bytes, requestedAt);
  }

  static Settlement storedFor(
      String phone, Delivery delivery, String sha256, byte[] bytes, Instant requestedAt) {
    var photo =
        new Settlement.Photo(
            sha256, "image/jpeg", 640, 640, "avatars/" + sha256, bytes.length, bytes);
    var result =
        new Settlement.Result(
            phone,
            requestedAt,
            null,
            null,
            "https://pps.whatsapp.net/" + sha256,
            "id-" + sha256,
            link(delivery, sha256),
            known(delivery),
            photo);
    return completed(delivery, "STORED", Duration.ofDays(7), result);
  }

  /** Returns our link to a lead's photo. */
  static String link(Delivery delivery, String sha256) {
    return delivery.lead() == null ? "" : link(delivery.lead().id(), sha256);
  }

  static String link(String leadId, String sha256) {
    return "https://photos.example/avatars/" + leadId + "?v=" + sha256;
  }

  static Settlement complete(Delivery delivery, String outcome) {
    return completeFor(PHONE, delivery, outcome);
  }

  static Settlement completeFor(String phone, Delivery delivery, String outcome) {
    return completed(
        delivery,
        outcome,
        Duration.ofDays(14),
        new Settlement.Result(
            phone, requestedAt(delivery), null, null, null, null, null, known(delivery), null));
  }

  static Settlement retry(Delivery delivery, Duration delay) {
    return new Settlement(
        delivery,
        new Disposition.Retry(delay, false),
        "NO_ANSWER",
        "silence",
        0,
        nothingNew(delivery));
  }

  static Settlement defer(Delivery delivery, Duration delay, @Nullable Instant downSince) {
    return new Settlement(
        delivery,
        new Disposition.Defer(delay, downSince, null, false),
        "INSTANCE_DOWN",
        "down",
        0,
        nothingNew(delivery));
  }

  static Settlement throttled(Delivery delivery, Duration pause) {
    return new Settlement(
        delivery,
        new Disposition.Defer(pause, null, pause, true),
        "THROTTLED",
        null,
        0,
        nothingNew(delivery));
  }

  static Settlement dead(Delivery delivery, String reason) {
    return new Settlement(
        delivery,
        new Disposition.Dead(delivery.attempts()),
        reason,
        "because",
        0,
        nothingNew(delivery));
  }

  /**
   * Returns the same result of a lookup that cost more queries than the single query of its token.
   */
  static Settlement costing(int extraQueries, Settlement settlement) {
    return new Settlement(
        settlement.delivery(),
        settlement.disposition(),
        settlement.outcome(),
        settlement.detail(),
        extraQueries,
        settlement.result());
  }

  /** Returns the same result of a lookup that named the phone's LID. */
  static Settlement naming(String lid, Settlement settlement) {
    var result = Objects.requireNonNull(settlement.result());
    return with(lid, result.sourceId(), settlement, result);
  }

  /** Returns the same result of a link, which names no picture id. */
  static Settlement withoutId(Settlement settlement) {
    var result = Objects.requireNonNull(settlement.result());
    return with(null, null, settlement, result);
  }

  private static Settlement with(
      @Nullable String lid,
      @Nullable String sourceId,
      Settlement settlement,
      Settlement.Result result) {
    return new Settlement(
        settlement.delivery(),
        settlement.disposition(),
        settlement.outcome(),
        settlement.detail(),
        settlement.extraQueries(),
        new Settlement.Result(
            result.phone(),
            result.requestedAt(),
            result.jid(),
            lid,
            result.sourceUrl(),
            sourceId,
            result.leadUrl(),
            result.comparedWith(),
            result.photo()));
  }

  /** Returns the event's own time from the message. Falls back to the time of enqueueing. */
  static Instant requestedAt(Delivery delivery) {
    return delivery.message() != null
            && ProfilePicMessage.parse(delivery.message())
                instanceof ProfilePicMessage.Parsed.Valid(var message)
            && message.timestamp() != null
        ? message.timestamp()
        : delivery.enqueuedAt();
  }

  private static Settlement completed(
      Delivery delivery, String outcome, Duration nextCheck, Settlement.Result result) {
    return new Settlement(delivery, new Disposition.Complete(nextCheck), outcome, null, 0, result);
  }

  private static Settlement.Result nothingNew(Delivery delivery) {
    return new Settlement.Result(
        PHONE, requestedAt(delivery), null, null, null, null, null, known(delivery), null);
  }

  private static @Nullable String known(Delivery delivery) {
    return delivery.lead() == null ? null : delivery.lead().sha256();
  }
}
