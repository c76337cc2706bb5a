package dev.profilepic.worker.pictures;

import dev.profilepic.worker.bridge.Lookup;
import dev.profilepic.worker.download.Download;
import dev.profilepic.worker.download.PictureDownloader;
import dev.profilepic.worker.pictures.Outcome.Answer;
import dev.profilepic.worker.pictures.Outcome.Down.Who;
import dev.profilepic.worker.pictures.Outcome.Failure;
import dev.profilepic.worker.pictures.Outcome.Reason;
import dev.profilepic.worker.queue.DefaultInstance;
import dev.profilepic.worker.queue.Tokens;
import dev.profilepic.worker.sources.PictureSources;
import dev.profilepic.worker.sources.Question;
import dev.profilepic.worker.tracing.Step;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Gets one lead's picture: from the message's link while the link works, else by asking the
 * instance's source once for a fresh link. Holds no connection to the database while it waits for
 * other services.
 */
@Component
class PictureFetch {

  private final PictureSources sources;
  private final PictureDownloader downloader;
  private final Tokens tokens;
  private final DefaultInstance defaultInstance;

  PictureFetch(
      PictureSources sources,
      PictureDownloader downloader,
      Tokens tokens,
      DefaultInstance defaultInstance) {
    this.sources = sources;
    this.downloader = downloader;
    this.tokens = tokens;
    this.defaultInstance = defaultInstance;
  }

  /**
   * @param queries receives the number of queries to WhatsApp that the attempt cost
   */
  Outcome attempt(LookupTask task, IntConsumer queries) throws InterruptedException {
    if (task.url() == null) {
      return lookUp(task, queries);
    }
    var source = new Outcome.Source(task.url(), null, null);
    return switch (fetch(task.url())) {
      case Download.Expired _ -> lookUp(task, queries);
      case Download other -> outcome(other, source, task);
    };
  }

  private Outcome lookUp(LookupTask task, IntConsumer queries) throws InterruptedException {
    var delivery = task.delivery();
    @Nullable String instance =
        delivery.instanceId() != null ? delivery.instanceId() : defaultInstance.get();
    if (instance == null) {
      return new Outcome.Down(Who.INSTANCE_DOWN, "no instance is named and none is open");
    }
    if (delivery.lookupPaid()) {
      if (!delivery.mayBegin().holds()) {
        return Outcome.Late.LATE;
      }
    } else if (tokens.take(instance).isPositive()) {
      return Outcome.Paced.PACED;
    }
    var question = new Question(instance, task.phone(), task.knownId());
    return switch (ask(question, queries)) {
      case Lookup.Found found -> download(found, task);
      case Lookup.Picture picture -> take(picture, task);
      case Lookup.Unchanged(var contact) ->
          new Outcome.Unchanged(new Outcome.Source(null, task.knownId(), contact));
      case Lookup.NotSet(var contact) -> new Outcome.Answered(Answer.NOT_SET, contact);
      case Lookup.Hidden(var contact, var withToken) ->
          new Outcome.Answered(withToken ? Answer.HIDDEN : Answer.HIDDEN_WITHOUT_TOKEN, contact);
      case Lookup.NotOnWhatsapp() -> new Outcome.Answered(Answer.NOT_ON_WHATSAPP, null);
      case Lookup.Unknown() -> new Outcome.Answered(Answer.UNKNOWN, null);
      case Lookup.Throttled(var retryAfter) -> new Outcome.Throttled(retryAfter);
      case Lookup.NoAnswer() -> new Outcome.Failed(Failure.NO_ANSWER, null);
      case Lookup.InstanceDown(var why) -> new Outcome.Down(Who.INSTANCE_DOWN, why);
      case Lookup.BridgeDown(var why) -> new Outcome.Down(Who.BRIDGE_DOWN, why);
      case Lookup.Refused(var why) -> new Outcome.Hopeless(Reason.INVALID_MESSAGE, why);
    };
  }

  private Lookup ask(Question question, IntConsumer queries) throws InterruptedException {
    try (var step = Step.call("lookup").with("profile_pic.instance", question.instanceId())) {
      var lookup = sources.of(question.instanceId()).find(question, queries);
      step.with("profile_pic.lookup", lookup.getClass().getSimpleName());
      return lookup;
    }
  }

  private Download fetch(String url) throws InterruptedException {
    try (var step = Step.call("download")) {
      var download = downloader.fetch(url);
      step.with("profile_pic.download", download.getClass().getSimpleName());
      return download;
    }
  }

  private Outcome download(Lookup.Found found, LookupTask task) throws InterruptedException {
    var source = new Outcome.Source(found.url(), found.pictureId(), found.contact());
    return task.has(found.pictureId())
        ? new Outcome.Unchanged(source)
        : outcome(fetch(found.url()), source, task);
  }

  private Outcome take(Lookup.Picture picture, LookupTask task) {
    var source = new Outcome.Source(null, picture.pictureId(), picture.contact());
    return task.has(picture.pictureId())
        ? new Outcome.Unchanged(source)
        : outcome(downloader.verify(picture.bytes()), source, task);
  }

  private static Outcome outcome(Download download, Outcome.Source source, LookupTask task) {
    return switch (download) {
      case Download.Picture picture when picture.sha256().equals(task.lead().sha256()) ->
          new Outcome.Unchanged(source);
      case Download.Picture picture -> new Outcome.Stored(picture, source);
      case Download.Expired(var why) -> new Outcome.Failed(Failure.URL_EXPIRED, why);
      case Download.Failed(var why) -> new Outcome.Failed(Failure.DOWNLOAD_FAILED, why);
      case Download.Unsafe(var why) -> new Outcome.Hopeless(Reason.UNSAFE_URL, why);
      case Download.BadImage(var why) -> new Outcome.Hopeless(Reason.BAD_IMAGE, why);
    };
  }
}
