package dev.profilepic.worker.pictures;

import dev.profilepic.contract.AvatarLink;
import dev.profilepic.store.PhotoStore;
import dev.profilepic.worker.bridge.Contact;
import dev.profilepic.worker.download.Download;
import dev.profilepic.worker.pictures.RetryPolicy.Consequence;
import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.Settlement;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Turns an outcome and what follows from it into one settlement. */
final class SettlementMapper {

  private static final String HIDDEN = Outcome.Answer.HIDDEN.name();

  private final AvatarLink links;
  private final PhotoStore store;

  SettlementMapper(AvatarLink links, PhotoStore store) {
    this.links = links;
    this.store = store;
  }

  /**
   * @param task null when the message could not be read so far; then nothing is written about its
   *     lead
   * @param extraQueries queries to WhatsApp beyond the one whose token was taken
   */
  Settlement map(
      Delivery delivery,
      @Nullable LookupTask task,
      Outcome outcome,
      Consequence consequence,
      int extraQueries) {
    return new Settlement(
        delivery,
        consequence.disposition(),
        // Outside of this package there is one kind of hidden.
        outcome.code().startsWith(HIDDEN) ? HIDDEN : outcome.code(),
        outcome.detail(),
        consequence.attempts(),
        consequence.downSince(),
        consequence.pause(),
        consequence.lookupNext(),
        extraQueries,
        task == null ? null : result(task, outcome, consequence.nextCheck()));
  }

  private Settlement.Result result(LookupTask task, Outcome outcome, @Nullable Duration nextCheck) {
    var phone = task.phone().digits();
    Instant at = task.requestedAt();
    @Nullable String compared = task.lead().sha256();
    return switch (outcome) {
      case Outcome.Stored(var picture, var source) ->
          new Settlement.Result(
              phone,
              at,
              jid(source.contact()),
              lid(source.contact()),
              source.url(),
              source.pictureId(),
              link(task, picture.sha256()),
              compared,
              nextCheck,
              photo(picture));
      case Outcome.Unchanged(var source) ->
          new Settlement.Result(
              phone,
              at,
              jid(source.contact()),
              lid(source.contact()),
              source.url(),
              source.pictureId(),
              compared == null ? null : link(task, compared),
              compared,
              nextCheck,
              null);
      case Outcome.Answered(_, var contact) ->
          new Settlement.Result(
              phone, at, jid(contact), lid(contact), null, null, null, compared, nextCheck, null);
      case Outcome.Throttled _,
          Outcome.Down _,
          Outcome.Failed _,
          Outcome.Hopeless _,
          Outcome.Moot _,
          Outcome.Paced _,
          Outcome.Late _ ->
          new Settlement.Result(phone, at, null, null, null, null, null, compared, nextCheck, null);
    };
  }

  private static @Nullable String jid(@Nullable Contact contact) {
    return contact == null ? null : contact.jid();
  }

  private static @Nullable String lid(@Nullable Contact contact) {
    return contact == null ? null : contact.lid();
  }

  private String link(LookupTask task, String sha256) {
    int generation = task.lead().linkGeneration();
    return store
        .publicUrl(generation)
        .orElseGet(() -> links.to(task.lead().id(), generation, sha256));
  }

  /** The key under which a picture is kept. */
  String key(Download.Picture picture) {
    return store.key(picture.keptSha256(), picture.header().format().extension());
  }

  private Settlement.Photo photo(Download.Picture picture) {
    return new Settlement.Photo(
        picture.sha256(),
        picture.header().format().contentType(),
        picture.header().width(),
        picture.header().height(),
        key(picture),
        picture.bytes().length,
        store.keepsInBucket() ? null : picture.bytes());
  }
}
