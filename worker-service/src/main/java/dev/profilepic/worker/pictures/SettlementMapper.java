package dev.profilepic.worker.pictures;

import dev.profilepic.contract.AvatarLink;
import dev.profilepic.store.PhotoStore;
import dev.profilepic.worker.bridge.Contact;
import dev.profilepic.worker.download.Download;
import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.Disposition;
import dev.profilepic.worker.queue.Settlement;
import org.jspecify.annotations.Nullable;

/** Turns an outcome into a settlement. */
final class SettlementMapper {

  private static final String HIDDEN = Outcome.Answer.HIDDEN.name();
  private static final Outcome.Source NONE = new Outcome.Source(null, null, null);

  private final RetryPolicy retries;
  private final AvatarLink links;
  private final PhotoStore store;

  SettlementMapper(RetryPolicy retries, AvatarLink links, PhotoStore store) {
    this.retries = retries;
    this.links = links;
    this.store = store;
  }

  /** Maps the outcome of a message that asks for no picture: nothing is written about a lead. */
  Settlement of(Delivery delivery, Outcome outcome) {
    return Settlement.ofTheMessage(
        delivery, retries.of(outcome, delivery), code(outcome), outcome.detail());
  }

  /**
   * @param extraQueries queries to WhatsApp beyond the one whose token was taken
   */
  Settlement of(LookupTask task, Outcome outcome, int extraQueries) {
    return of(task, outcome, retries.of(outcome, task.delivery()), extraQueries);
  }

  /**
   * @param disposition replaces the usual consequence of the outcome
   */
  Settlement of(LookupTask task, Outcome outcome, Disposition disposition, int extraQueries) {
    return new Settlement(
        task.delivery(),
        disposition,
        code(outcome),
        outcome.detail(),
        extraQueries,
        result(task, outcome));
  }

  /** Returns the outcome's code. Outside this package there is one kind of hidden. */
  private static String code(Outcome outcome) {
    return outcome.code().startsWith(HIDDEN) ? HIDDEN : outcome.code();
  }

  private Settlement.Result result(LookupTask task, Outcome outcome) {
    @Nullable String compared = task.lead().sha256();
    return switch (outcome) {
      case Outcome.Stored(var picture, var source) ->
          result(task, source, link(task, picture.sha256()), photo(picture));
      case Outcome.Unchanged(var source) ->
          result(task, source, compared == null ? null : link(task, compared), null);
      case Outcome.Answered(_, var contact) ->
          result(task, new Outcome.Source(null, null, contact), null, null);
      case Outcome.Throttled _,
          Outcome.Down _,
          Outcome.Failed _,
          Outcome.Hopeless _,
          Outcome.Moot _,
          Outcome.Paced _,
          Outcome.Late _ ->
          result(task, NONE, null, null);
    };
  }

  private static Settlement.Result result(
      LookupTask task,
      Outcome.Source source,
      @Nullable String leadUrl,
      Settlement.@Nullable Photo photo) {
    @Nullable Contact contact = source.contact();
    return new Settlement.Result(
        task.phone().digits(),
        task.requestedAt(),
        contact == null ? null : contact.jid(),
        contact == null ? null : contact.lid(),
        source.url(),
        source.pictureId(),
        leadUrl,
        task.lead().sha256(),
        photo);
  }

  private String link(LookupTask task, String sha256) {
    int generation = task.lead().linkGeneration();
    return store
        .publicUrl(generation)
        .orElseGet(() -> links.to(task.lead().id(), generation, sha256));
  }

  /** Returns the key under which a picture is kept. */
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
