package dev.profilepic.worker.pictures;

import dev.profilepic.worker.bridge.Contact;
import dev.profilepic.worker.bridge.Lookup;
import dev.profilepic.worker.bridge.PictureId;
import dev.profilepic.worker.bridge.PictureId.Exists;
import dev.profilepic.worker.bridge.PictureIds;
import dev.profilepic.worker.pictures.Outcome.Answer;
import dev.profilepic.worker.pictures.Outcome.Down;
import dev.profilepic.worker.pictures.Outcome.Down.Who;
import dev.profilepic.worker.pictures.TaskReader.Reading;
import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.Disposition.Defer;
import dev.profilepic.worker.queue.Settlement;
import dev.profilepic.worker.sources.PictureSources;
import dev.profilepic.worker.sources.Question;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.stereotype.Component;

/**
 * Asks about the leads of many messages with one query. Where the answer leaves nothing open, the
 * request ends. Each other request goes on to its own lookup, and no attempt is counted. A batch
 * removes no photo; only a lookup does.
 */
@Component
class PictureBatch {

  private final TaskReader reader;
  private final PictureSources sources;
  private final RetryPolicy retries;
  private final SettlementMapper settlements;

  PictureBatch(
      TaskReader reader,
      PictureSources sources,
      RetryPolicy retries,
      SettlementMapper settlements) {
    this.reader = reader;
    this.sources = sources;
    this.retries = retries;
    this.settlements = settlements;
  }

  /**
   * @param deliveries of one instance
   * @return a settlement for each delivery
   */
  List<Settlement> ask(List<Delivery> deliveries) throws InterruptedException {
    var results = new ArrayList<Settlement>();
    var tasks = new ArrayList<LookupTask>();
    for (var delivery : deliveries) {
      switch (reader.read(delivery)) {
        case Reading.Nobodys(var outcome) -> results.add(settlements.of(delivery, outcome));
        case LookupTask task when task.url() != null -> results.add(alone(task, 0));
        case LookupTask task -> tasks.add(task);
      }
    }
    if (!tasks.isEmpty()) {
      results.addAll(answered(tasks));
    }
    return results;
  }

  private List<Settlement> answered(List<LookupTask> tasks) throws InterruptedException {
    var first = tasks.getFirst().delivery();
    if (first.instanceId() == null) {
      return all(tasks, 0, this::alone);
    }
    if (!first.mayBegin().holds()) {
      return all(tasks, 0, (task, extra) -> later(task, Duration.ZERO, extra));
    }
    var instance = first.instanceId();
    var queries = new AtomicInteger();
    var ids =
        sources
            .of(instance)
            .findIds(
                tasks.stream()
                    .map(task -> new Question(instance, task.phone(), task.knownId()))
                    .toList(),
                queries::addAndGet);
    // The token was for one query.
    int extra = Math.max(0, queries.get() - 1);
    return switch (ids) {
      case PictureIds.Told(var people) -> {
        var told = people.iterator();
        yield all(tasks, extra, (task, more) -> result(task, told.next(), more));
      }
      case PictureIds.Later(var rest) -> all(tasks, extra, (task, more) -> later(task, rest, more));
      case PictureIds.Failed(Lookup.Throttled(var rest)) ->
          all(tasks, extra, (task, more) -> back(task, new Outcome.Throttled(rest), more));
      case PictureIds.Failed(Lookup.InstanceDown(var why)) ->
          all(tasks, extra, (task, more) -> back(task, new Down(Who.INSTANCE_DOWN, why), more));
      case PictureIds.Failed(Lookup.BridgeDown(var why)) ->
          all(tasks, extra, (task, more) -> back(task, new Down(Who.BRIDGE_DOWN, why), more));
      // WhatsApp was silent, or refused the question because of one lead: each lead gets a lookup.
      case PictureIds.Failed _ -> all(tasks, extra, this::alone);
    };
  }

  private Settlement result(LookupTask task, PictureId person, int extra) {
    boolean hasPhoto = task.lead().sha256() != null;
    if (person.exists() == Exists.NO) {
      return settlements.of(task, new Outcome.Answered(Answer.NOT_ON_WHATSAPP, null), extra);
    }
    return switch (person.picture()) {
      case UNCHANGED, ID -> {
        var source = new Outcome.Source(null, person.pictureId(), Contact.of(person.jid()));
        yield task.has(person.pictureId())
            ? settlements.of(task, new Outcome.Unchanged(source), extra)
            : alone(task, extra);
      }
      case NONE ->
          hasPhoto
              ? alone(task, extra)
              : settlements.of(
                  task, new Outcome.Answered(Answer.NOT_SET, Contact.of(person.jid())), extra);
      case REFUSED ->
          untold(task, hasPhoto ? Answer.KEPT : Answer.HIDDEN_WITHOUT_TOKEN, person, extra);
      case UNKNOWN -> untold(task, hasPhoto ? Answer.KEPT : Answer.UNKNOWN, person, extra);
    };
  }

  /**
   * Ends a request when the answer proves nothing. The lookup of the lead's next check says more.
   */
  private Settlement untold(LookupTask task, Answer answer, PictureId person, int extra) {
    var outcome = new Outcome.Answered(answer, Contact.of(person.jid()));
    return settlements.of(task, outcome, retries.untold(task.lead()), extra);
  }

  /** Puts the message into its line, for its own lookup. */
  private Settlement alone(LookupTask task, int extra) {
    return settlements.of(task, Outcome.Paced.PACED, extra);
  }

  /** Puts the message off until the next batch. */
  private Settlement later(LookupTask task, Duration wait, int extra) {
    var deferral = new Defer(wait, task.delivery().downSince(), null, false);
    return settlements.of(task, Outcome.Paced.PACED, deferral.toABatch(), extra);
  }

  /** Settles as after a single lookup, but a message that comes back waits for another batch. */
  private Settlement back(LookupTask task, Outcome outcome, int extra) {
    var usual = retries.of(outcome, task.delivery());
    return settlements.of(
        task, outcome, usual instanceof Defer deferral ? deferral.toABatch() : usual, extra);
  }

  @FunctionalInterface
  private interface Judge {
    Settlement of(LookupTask task, int extraQueries);
  }

  /** Makes a settlement for each task. Queries beyond the query of the token are charged once. */
  private static List<Settlement> all(List<LookupTask> tasks, int extra, Judge judge) {
    var results = new ArrayList<Settlement>();
    for (var task : tasks) {
      results.add(judge.of(task, results.isEmpty() ? extra : 0));
    }
    return results;
  }
}
