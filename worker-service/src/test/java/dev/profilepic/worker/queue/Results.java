package dev.profilepic.worker.queue;

import dev.profilepic.contract.ProfilePicMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Settlements as the pictures package would write them, in one line each. */
final class Results {

  private Results() {}

  static Settlement stored(Delivery delivery, String sha256, byte[] bytes) {
    return stored(delivery, sha256, bytes, requestedAt(delivery));
  }

  static Settlement stored(Delivery delivery, String sha256, byte[] bytes, Instant requestedAt) {
    var facts = facts(delivery, requestedAt);
    facts.put("sha256", sha256);
    facts.put("content_type", "image/jpeg");
    facts.put("width", 640);
    facts.put("height", 640);
    facts.put("bytes", bytes.length);
    facts.put("storage_key", "avatars/" + sha256);
    facts.put("lead_url", "https://photos.example/" + sha256);
    facts.put("source_id", "id-" + sha256);
    facts.put("next_check_ms", Duration.ofDays(7).toMillis());
    return new Settlement(
        delivery.lease(), new Disposition.Complete(), "STORED", null, 0, null, facts, bytes);
  }

  static Settlement complete(Delivery delivery, String outcome) {
    var facts = facts(delivery, requestedAt(delivery));
    facts.put("next_check_ms", Duration.ofDays(14).toMillis());
    return new Settlement(
        delivery.lease(), new Disposition.Complete(), outcome, null, 0, null, facts, null);
  }

  static Settlement retry(Delivery delivery, Duration delay) {
    return new Settlement(
        delivery.lease(),
        new Disposition.Retry(delay),
        "NO_ANSWER",
        "silence",
        delivery.attempts() + 1,
        null,
        facts(delivery, requestedAt(delivery)),
        null);
  }

  static Settlement throttled(Delivery delivery, Duration pause) {
    return new Settlement(
        delivery.lease(),
        new Disposition.Defer(pause, false, true),
        "THROTTLED",
        null,
        delivery.attempts(),
        pause,
        facts(delivery, requestedAt(delivery)),
        null);
  }

  static Settlement dead(Delivery delivery, String reason) {
    return new Settlement(
        delivery.lease(),
        new Disposition.Dead(),
        reason,
        "because",
        delivery.attempts(),
        null,
        facts(delivery, requestedAt(delivery)),
        null);
  }

  /** The event's own time, as the message carries it. */
  static Instant requestedAt(Delivery delivery) {
    return delivery.message() != null
            && ProfilePicMessage.parse(delivery.message())
                instanceof ProfilePicMessage.Parsed.Valid(var message)
            && message.timestamp() != null
        ? message.timestamp()
        : delivery.enqueuedAt();
  }

  private static Map<String, Object> facts(Delivery delivery, Instant requestedAt) {
    var facts = new LinkedHashMap<String, Object>();
    if (delivery.lead() != null) {
      facts.put("lead_id", delivery.lead().id());
    }
    if (delivery.instanceId() != null) {
      facts.put("instance_id", delivery.instanceId());
    }
    facts.put("phone", "5562999212484");
    facts.put("requested_at", requestedAt.toString());
    return facts;
  }
}
