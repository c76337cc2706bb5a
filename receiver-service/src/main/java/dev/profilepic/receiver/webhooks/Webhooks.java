package dev.profilepic.receiver.webhooks;

import dev.profilepic.contract.InstanceId;
import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.PictureUrlPolicy;
import dev.profilepic.contract.ProfilePicMessage;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.http.Fields;
import dev.profilepic.receiver.intake.Intake;
import dev.profilepic.receiver.intake.PhotoRequest;
import dev.profilepic.receiver.intake.Receipt;
import dev.profilepic.receiver.matching.LeadMatcher;
import dev.profilepic.receiver.matching.Lids;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Turns the content of webhooks into requests for leads' photos. Identifying, matching and
 * remembering people takes one statement each, for any number of people in a webhook.
 */
@Component
class Webhooks {

  private static final String KEPT = "kept";

  private final Intake intake;
  private final LeadMatcher matcher;
  private final Lids lids;
  private final Connections connections;
  private final KnownPictures knownPictures;
  private final PictureUrlPolicy urls;
  private final InstantSource clock;

  Webhooks(
      Intake intake,
      LeadMatcher matcher,
      Lids lids,
      Connections connections,
      KnownPictures knownPictures,
      PictureUrlPolicy urls,
      WebhookReaders readers,
      InstantSource clock) {
    this.intake = intake;
    readers.kinds().forEach(intake::expect);
    intake.expect(KEPT);
    this.matcher = matcher;
    this.lids = lids;
    this.connections = connections;
    this.knownPictures = knownPictures;
    this.urls = urls;
    this.clock = clock;
  }

  /**
   * Takes the content of a webhook.
   *
   * @param kind of webhook, the metrics' source
   * @return once everything is durable
   */
  WebhookAnswer accept(Reading told, String kind, Caller caller, @Nullable String traceparent) {
    if (told.isEmpty()) {
      return WebhookAnswer.ignored(kind);
    }
    var reach = caller.reach();
    var reading = told.through(Webhooks::id);
    connections.note(reading.connections(), reach);
    if (reading.people().isEmpty() && reading.mappings().isEmpty()) {
      return WebhookAnswer.noted(kind);
    }
    var people = identified(reading.people(), reach);
    learn(reading, people, reach);
    var kept = kept(reading, people, reach);
    var all = new ArrayList<>(people);
    kept.forEach((event, phone) -> all.add(again(event, phone)));

    var matched = match(all, reach, sighting -> caller.boundTo(), traceparent);
    List<Receipt> receipts =
        matched.requests().isEmpty() ? List.of() : intake.acceptAll(matched.requests(), kind);
    lids.forget(kept.keySet(), reach);
    lids.keep(people.stream().flatMap(sighting -> unmatched(sighting).stream()).toList(), reach);
    return WebhookAnswer.of(kind, people.size(), matched.without(), receipts);
  }

  /** Serves stored events of people whose numbers became known without a webhook. */
  int acceptIdentified(int most) {
    var known = lids.identified(most);
    if (known.isEmpty()) {
      return 0;
    }
    var matched =
        match(
            known.stream().map(each -> again(each.event(), each.phone())).toList(),
            null,
            // An event stored for one instance is served for that instance only.
            Sighting::instanceId,
            null);
    if (!matched.requests().isEmpty()) {
      intake.acceptAll(matched.requests(), KEPT);
    }
    lids.forget(known.stream().map(Lids.Identified::event).toList(), null);
    return known.size();
  }

  /**
   * Adds the numbers from earlier events to people under a LID. A number that only stood beside the
   * message gives way to a number of higher rank.
   */
  private List<Sighting> identified(List<Sighting> people, String @Nullable [] reach) {
    var known =
        lids.resolve(people.stream().filter(Webhooks::isUnsure).map(Webhooks::key).toList(), reach);
    return people.stream()
        .map(sighting ->
            Optional.ofNullable(isUnsure(sighting) ? known.get(key(sighting)) : null)
                .filter(number ->
                    sighting.phone() == null || number.source().compareTo(sighting.source()) > 0)
                .map(number -> sighting.as(number.phone()))
                .orElse(sighting))
        .toList();
  }

  private void learn(Reading reading, List<Sighting> people, String @Nullable [] reach) {
    var told =
        people.stream()
            .flatMap(each ->
                each.person().mapping(each.instanceId(), each.source(), each.at()).stream());
    lids.learn(Stream.concat(reading.learned().stream(), told).toList(), reach);
  }

  /** Returns the stored events of people whose number is now known. */
  private Map<Lids.Unmatched, PhoneNumber> kept(
      Reading reading, List<Sighting> people, String @Nullable [] reach) {
    var phones = new HashMap<Lids.Key, PhoneNumber>();
    reading.learned().forEach(each -> phones.put(each.key(), each.phone()));
    for (var sighting : people) {
      var phone = sighting.phone();
      if (phone != null && sighting.lid() != null) {
        phones.put(key(sighting), phone);
      }
    }
    var kept = new LinkedHashMap<Lids.Unmatched, PhoneNumber>();
    for (var event : lids.kept(phones.keySet(), reach)) {
      kept.put(event, Objects.requireNonNull(phones.get(event.key())));
    }
    return kept;
  }

  private static Sighting again(Lids.Unmatched event, PhoneNumber phone) {
    var instance = event.key().instanceId();
    return new Sighting(
        new Person(phone, event.key().lid()),
        instance.isEmpty() ? null : instance,
        event.url(),
        event.force(),
        event.occurredAt());
  }

  /** Returns an event to store until its person's number is known. */
  private Optional<Lids.Unmatched> unmatched(Sighting sighting) {
    return sighting.lid() == null || sighting.phone() != null || sighting.leadId() != null
        ? Optional.empty()
        : Optional.of(
            new Lids.Unmatched(
                key(sighting),
                sighting.pictureChanged(),
                urls.usable(sighting.pictureUrl(), clock.instant()),
                sighting.at()));
  }

  /**
   * @param without the number of people who have no lead
   */
  private record Matched(List<PhotoRequest> requests, int without) {}

  private Matched match(
      List<Sighting> people,
      String @Nullable [] reach,
      Function<Sighting, @Nullable String> boundTo,
      @Nullable String traceparent) {
    var named =
        matcher.byIds(
            people.stream()
                .flatMap(each -> Optional.ofNullable(id(each.leadId())).stream())
                .toList(),
            reach);
    var candidates =
        matcher.candidates(
            people.stream().map(Sighting::phone).filter(Objects::nonNull).toList(), reach);
    var requests = new ArrayList<PhotoRequest>();
    var pictures = new HashMap<String, String>();
    var missing = new HashSet<String>();
    int without = 0;
    for (var sighting : people) {
      var found = requestsFor(sighting, named, candidates, boundTo.apply(sighting), traceparent);
      without += found.isEmpty() ? 1 : 0;
      requests.addAll(found);
      @Nullable String pictureId = id(sighting.pictureId());
      if (pictureId != null) {
        found.forEach(request -> pictures.put(request.leadId(), pictureId));
      }
      if (sighting.pictureMissing()) {
        found.forEach(request -> missing.add(request.leadId()));
      }
    }
    var doubted = knownPictures.leadsToLookAtAgain(missing);
    requests.replaceAll(request -> doubted.contains(request.leadId()) ? request.forced() : request);
    var satisfied = knownPictures.leadsThatHave(pictures);
    requests.replaceAll(
        request -> satisfied.contains(request.leadId()) ? request.unforced() : request);
    return new Matched(requests, without);
  }

  private List<PhotoRequest> requestsFor(
      Sighting sighting,
      Map<String, LeadMatcher.Lead> named,
      LeadMatcher.Candidates candidates,
      @Nullable String callerInstances,
      @Nullable String traceparent) {
    @Nullable String leadId = id(sighting.leadId());
    LeadMatcher.Lead lead = leadId == null ? null : named.get(leadId);
    var phone = sighting.phone();
    if (lead != null) {
      var digits = phone != null ? phone.digits() : lead.phone();
      return digits == null
          ? List.of()
          : List.of(request(sighting, lead, digits, callerInstances, traceparent, false));
    }
    if (phone == null) {
      return List.of();
    }
    var requests = new ArrayList<PhotoRequest>();
    for (var each : candidates.with(phone, sighting.instanceId())) {
      // One lookup serves all of these leads: the other leads wait for the first lead's answer.
      requests.add(
          request(
              sighting, each, phone.digits(), callerInstances, traceparent, !requests.isEmpty()));
    }
    return requests;
  }

  private PhotoRequest request(
      Sighting sighting,
      LeadMatcher.Lead lead,
      String phone,
      @Nullable String callerInstances,
      @Nullable String traceparent,
      boolean sibling) {
    var url = urls.usable(sighting.pictureUrl(), clock.instant());
    return new PhotoRequest(
        lead.leadId(),
        phone,
        url,
        sighting.instanceId(),
        sighting.at(),
        "webhook",
        sighting.pictureChanged(),
        traceparent,
        // A request with a link needs no lookup, so there is no lookup to wait for.
        sibling && url == null,
        callerInstances);
  }

  private static boolean isUnsure(Sighting sighting) {
    return sighting.lid() != null
        && (sighting.phone() == null || sighting.source() == Lids.Source.BESIDE);
  }

  private static Lids.Key key(Sighting sighting) {
    return Lids.Key.of(sighting.instanceId(), Objects.requireNonNull(sighting.lid()));
  }

  /**
   * Returns an id that may enter the database; null when it is too long or has control characters.
   */
  private static @Nullable String id(@Nullable String text) {
    return text == null
            || text.length() > ProfilePicMessage.LONGEST_ID
            || !Fields.isPlain(text)
            || InstanceId.isUnknown(text)
        ? null
        : text;
  }
}
