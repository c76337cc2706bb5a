package dev.profilepic.worker.pictures;

import dev.profilepic.worker.bridge.BridgeClient;
import dev.profilepic.worker.bridge.Lookup;
import dev.profilepic.worker.download.Download;
import dev.profilepic.worker.download.PictureDownloader;
import dev.profilepic.worker.queue.DefaultInstance;
import dev.profilepic.worker.queue.Pace;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Gets one lead's picture: from the link that came along while it lives, else by asking the bridge
 * for a fresh one, once. Holds no connection to the database while it waits for others.
 */
@Component
class PictureFetch {

  private final BridgeClient bridge;
  private final PictureDownloader downloader;
  private final Pace pace;
  private final DefaultInstance defaultInstance;

  PictureFetch(
      BridgeClient bridge,
      PictureDownloader downloader,
      Pace pace,
      DefaultInstance defaultInstance) {
    this.bridge = bridge;
    this.downloader = downloader;
    this.pace = pace;
    this.defaultInstance = defaultInstance;
  }

  Outcome attempt(Wish wish) throws InterruptedException {
    if (wish.url() == null) {
      return resolve(wish);
    }
    var source = new Outcome.Source(wish.url(), null, null);
    return switch (downloader.fetch(wish.url())) {
      case Download.Expired _ -> resolve(wish);
      case Download other -> outcome(other, source, wish);
    };
  }

  private Outcome resolve(Wish wish) throws InterruptedException {
    @Nullable String instance =
        wish.instanceId() != null ? wish.instanceId() : defaultInstance.get();
    if (instance == null) {
      return new Outcome.InstanceDown("no instance is named and none is open");
    }
    if (!wish.lookupReserved()) {
      var wait = pace.reserve(instance);
      if (wait.isPositive()) {
        return new Outcome.SlotAhead(wait);
      }
    }
    return switch (bridge.find(instance, wish.phone().digits())) {
      case Lookup.Found found -> download(found, wish);
      case Lookup.NotSet(var jid) -> new Outcome.NotSet(jid);
      case Lookup.Hidden(var jid) -> new Outcome.Hidden(jid);
      case Lookup.NotOnWhatsapp() -> new Outcome.NotOnWhatsapp();
      case Lookup.Throttled(var retryAfter) -> new Outcome.Throttled(retryAfter);
      case Lookup.NoAnswer() -> new Outcome.NoAnswer();
      case Lookup.InstanceDown(var why) -> new Outcome.InstanceDown(why);
      case Lookup.BridgeDown(var why) -> new Outcome.BridgeDown(why);
      case Lookup.Refused(var why) -> new Outcome.InvalidMessage(why);
    };
  }

  private Outcome download(Lookup.Found found, Wish wish) throws InterruptedException {
    var source = new Outcome.Source(found.url(), found.pictureId(), found.jid());
    return wish.has(found.pictureId())
        ? new Outcome.Unchanged(source)
        : outcome(downloader.fetch(found.url()), source, wish);
  }

  private static Outcome outcome(Download download, Outcome.Source source, Wish wish) {
    return switch (download) {
      case Download.Picture picture when picture.sha256().equals(wish.lead().sha256()) ->
          new Outcome.Unchanged(source);
      case Download.Picture picture -> new Outcome.Stored(picture, source);
      case Download.Expired(var why) -> new Outcome.UrlExpired(why);
      case Download.Failed(var why) -> new Outcome.DownloadFailed(why);
      case Download.Unsafe(var why) -> new Outcome.UnsafeUrl(why);
      case Download.BadImage(var why) -> new Outcome.BadImage(why);
    };
  }
}
