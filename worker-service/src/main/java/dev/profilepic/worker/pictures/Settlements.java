package dev.profilepic.worker.pictures;

import dev.profilepic.contract.AvatarLink;
import dev.profilepic.worker.download.Download;
import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.Settlement;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes an outcome down as the database wants it: the columns of {@code profile_pic.settlement}.
 */
final class Settlements {

  private final AvatarLink links;

  Settlements(AvatarLink links) {
    this.links = links;
  }

  /**
   * @param wish null when the message could not be read so far; then nothing is written of its lead
   */
  Settlement of(Delivery delivery, @Nullable Wish wish, Outcome outcome, Verdicts.Verdict verdict) {
    var facts = new LinkedHashMap<String, Object>();
    byte @Nullable [] avatar = null;
    if (delivery.lead() != null) {
      facts.put("lead_id", delivery.lead().id());
    }
    put(facts, "instance_id", delivery.instanceId());
    if (verdict.nextCheck() != null) {
      facts.put("next_check_ms", verdict.nextCheck().toMillis());
    }
    if (wish != null) {
      facts.put("phone", wish.phone().digits());
      facts.put("requested_at", wish.requestedAt().toString());
    } else {
      facts.put("requested_at", delivery.enqueuedAt().toString());
    }
    switch (outcome) {
      case Outcome.Stored(var picture, var source) -> {
        source(facts, source);
        picture(facts, picture, delivery);
        avatar = picture.bytes();
      }
      case Outcome.Unchanged(var source) -> source(facts, source);
      case Outcome.NotSet(var jid) -> put(facts, "jid", jid);
      case Outcome.Hidden(var jid) -> put(facts, "jid", jid);
      case Outcome.NotOnWhatsapp _,
          Outcome.Throttled _,
          Outcome.SlotAhead _,
          Outcome.InstanceDown _,
          Outcome.BridgeDown _,
          Outcome.NoAnswer _,
          Outcome.DownloadFailed _,
          Outcome.UrlExpired _,
          Outcome.InvalidMessage _,
          Outcome.LeadGone _,
          Outcome.UnsafeUrl _,
          Outcome.BadImage _,
          Outcome.Erased _,
          Outcome.TooManyDeliveries _ -> {}
    }
    return new Settlement(
        delivery.lease(),
        verdict.disposition(),
        outcome.code(),
        outcome.detail(),
        verdict.attempts(),
        verdict.pause(),
        facts,
        avatar);
  }

  private void picture(Map<String, Object> facts, Download.Picture picture, Delivery delivery) {
    var format = picture.header().format();
    var sha256 = picture.sha256();
    facts.put("sha256", sha256);
    facts.put("content_type", format.contentType());
    facts.put("width", picture.header().width());
    facts.put("height", picture.header().height());
    facts.put("bytes", picture.bytes().length);
    facts.put(
        "storage_key",
        "avatars/" + sha256.substring(0, 2) + "/" + sha256 + "." + format.extension());
    if (delivery.lead() != null) {
      facts.put("lead_url", links.to(delivery.lead().id(), sha256));
    }
  }

  private static void source(Map<String, Object> facts, Outcome.Source source) {
    facts.put("source_url", source.url());
    put(facts, "source_id", source.pictureId());
    put(facts, "jid", source.jid());
  }

  private static void put(Map<String, Object> facts, String name, @Nullable String value) {
    if (value != null) {
      facts.put(name, value);
    }
  }
}
