package dev.profilepic.receiver.webhooks;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.receiver.intake.Fields;
import dev.profilepic.receiver.intake.Intake;
import dev.profilepic.receiver.intake.PictureUrls;
import dev.profilepic.receiver.intake.Receipt;
import dev.profilepic.receiver.intake.Wish;
import dev.profilepic.receiver.matching.LeadMatcher;
import dev.profilepic.receiver.matching.Lids;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Turns what webhooks say of people into wishes for their leads' photos. */
@Component
class Webhooks {

  private static final int LONGEST_ID = 200;

  private final Intake intake;
  private final LeadMatcher matcher;
  private final Lids lids;
  private final PictureUrls urls;
  private final InstantSource clock;

  Webhooks(Intake intake, LeadMatcher matcher, Lids lids, PictureUrls urls, InstantSource clock) {
    this.intake = intake;
    this.matcher = matcher;
    this.lids = lids;
    this.urls = urls;
    this.clock = clock;
  }

  /**
   * Takes what a webhook told.
   *
   * @param kind of webhook, the metrics' source
   * @return once everything is durable
   */
  WebhookAnswer accept(List<Sighting> told, String kind, String traceparent) {
    if (told.isEmpty()) {
      return WebhookAnswer.ignored();
    }
    var sightings = withEarlierOnes(told.stream().map(this::identified).toList());
    var candidates =
        matcher.candidates(
            sightings.stream().map(Sighting::phone).filter(Objects::nonNull).toList());
    var wishes = new ArrayList<Wish>();
    int unmatched = 0;
    for (var sighting : sightings) {
      var found = wishesFor(sighting, candidates, traceparent);
      unmatched += found.isEmpty() ? 1 : 0;
      wishes.addAll(found);
    }
    List<Receipt> receipts = wishes.isEmpty() ? List.of() : intake.acceptAll(wishes, kind);
    sightings.forEach(this::remember);
    return WebhookAnswer.of(told.size(), unmatched, receipts);
  }

  /** The number of somebody shown under a LID, where any earlier event told it. */
  private Sighting identified(Sighting sighting) {
    return sighting.phone() != null || sighting.lid() == null
        ? sighting
        : lids.phoneOf(sighting.lid()).map(phone -> with(sighting, phone)).orElse(sighting);
  }

  /** What people did before their number was known, now that it is. */
  private List<Sighting> withEarlierOnes(List<Sighting> sightings) {
    var all = new ArrayList<>(sightings);
    for (var sighting : sightings) {
      if (sighting.phone() != null && sighting.lid() != null) {
        for (var earlier : lids.kept(sighting.lid())) {
          all.add(
              new Sighting(
                  null,
                  sighting.phone(),
                  sighting.lid(),
                  earlier.instanceId().isEmpty() ? null : earlier.instanceId(),
                  null,
                  earlier.force(),
                  earlier.occurredAt()));
        }
      }
    }
    return all;
  }

  /** Once its wishes are in the queue: a number learned, or an event kept for when it will be. */
  private void remember(Sighting sighting) {
    if (sighting.lid() == null) {
      return;
    }
    if (sighting.phone() != null) {
      lids.learn(sighting.lid(), sighting.phone());
      lids.forget(sighting.lid());
    } else if (sighting.leadId() == null) {
      lids.keep(
          sighting.lid(), id(sighting.instanceId()), sighting.pictureChanged(), sighting.at());
    }
  }

  private List<Wish> wishesFor(
      Sighting sighting, LeadMatcher.Candidates candidates, String traceparent) {
    var named = Optional.ofNullable(id(sighting.leadId())).flatMap(matcher::byId);
    var phone = sighting.phone();
    if (named.isPresent()) {
      var digits = phone != null ? phone.digits() : named.get().phone();
      return digits == null ? List.of() : List.of(wish(sighting, named.get(), digits, traceparent));
    }
    if (phone == null) {
      return List.of();
    }
    var leads = candidates.with(phone, id(sighting.instanceId()));
    var wishes = new ArrayList<Wish>();
    for (var lead : leads) {
      // One lookup serves them all: the others wait for the first one's answer.
      wishes.add(wish(sighting, lead, phone.digits(), traceparent, !wishes.isEmpty()));
    }
    return wishes;
  }

  private Wish wish(Sighting sighting, LeadMatcher.Lead lead, String phone, String traceparent) {
    return wish(sighting, lead, phone, traceparent, false);
  }

  private Wish wish(
      Sighting sighting, LeadMatcher.Lead lead, String phone, String traceparent, boolean sibling) {
    var url = urls.usable(sighting.pictureUrl(), clock.instant());
    return new Wish(
        lead.leadId(),
        phone,
        url,
        id(sighting.instanceId()),
        sighting.at(),
        "webhook",
        sighting.pictureChanged(),
        traceparent,
        // Whoever has the link needs no lookup to wait for.
        sibling && url == null,
        null);
  }

  private static Sighting with(Sighting sighting, PhoneNumber phone) {
    return new Sighting(
        sighting.leadId(),
        phone,
        sighting.lid(),
        sighting.instanceId(),
        sighting.pictureUrl(),
        sighting.pictureChanged(),
        sighting.at());
  }

  /**
   * An id that may enter the database: what is too long or has control characters names nothing.
   */
  private static @Nullable String id(@Nullable String text) {
    return text == null
            || text.length() > LONGEST_ID
            || !Fields.isPlain(text)
            || text.equals("unknown")
        ? null
        : text;
  }
}
