package dev.profilepic.receiver.avatars;

import dev.profilepic.receiver.avatars.AvatarStore.Photo;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Small versions of photos. A thumbnail is made on the first call for it, and stored where its
 * photo is. Further calls for the same thumbnail wait until it is made. Few are made at once, so
 * memory and processor use stay bounded; other calls are answered 503.
 */
@Component
class Thumbnails {

  private static final Set<String> SCALED = Set.of("image/jpeg", "image/png");

  /** A larger file is sent as it is. */
  private static final int MOST_BYTES = 8 * 1024 * 1024;

  private static final int AT_ONCE = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final byte[] NONE = {};
  private static final Logger log = LoggerFactory.getLogger(Thumbnails.class);

  private record Wanted(String storageKey, int size) {}

  private final AvatarStore store;
  private final Semaphore places = new Semaphore(AT_ONCE);
  private final ConcurrentHashMap<Wanted, CompletableFuture<byte[]>> beingMade =
      new ConcurrentHashMap<>();

  Thumbnails(AvatarStore store) {
    this.store = store;
  }

  /**
   * Returns a JPEG with this many pixels along the longer side; empty when the photo itself is to
   * be sent, because it is a WebP, or already as small, or cannot be scaled.
   *
   * @throws ProblemException 503 when too many thumbnails are being made
   */
  Optional<byte[]> of(Photo photo, int size) {
    if (!SCALED.contains(photo.contentType()) || photo.size() > MOST_BYTES) {
      return Optional.empty();
    }
    var kept = store.thumbnail(photo, size);
    if (kept.length > 0) {
      return Optional.of(kept);
    }
    var wanted = new Wanted(photo.storageKey(), size);
    var mine = new CompletableFuture<byte[]>();
    @Nullable CompletableFuture<byte[]> others = beingMade.putIfAbsent(wanted, mine);
    var bytes = others == null ? make(photo, wanted, mine) : await(others);
    return bytes.length == 0 ? Optional.empty() : Optional.of(bytes);
  }

  private byte[] make(Photo photo, Wanted wanted, CompletableFuture<byte[]> mine) {
    try {
      var bytes = scaled(photo, wanted.size());
      if (bytes.length > 0) {
        store.keepThumbnail(photo, wanted.size(), bytes);
      }
      mine.complete(bytes);
      return bytes;
    } catch (RuntimeException | Error failure) {
      mine.completeExceptionally(failure);
      throw failure;
    } finally {
      beingMade.remove(wanted);
    }
  }

  private byte[] scaled(Photo photo, int size) {
    try {
      if (!places.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw busy();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw busy();
    }
    try {
      return Scaling.jpeg(all(photo), size);
    } catch (IOException | RuntimeException unreadable) {
      if (unreadable instanceof ProblemException problem) {
        throw problem;
      }
      log.warn("a photo cannot be scaled and is sent as it is: {}", unreadable.toString());
      return NONE;
    } finally {
      places.release();
    }
  }

  private byte[] all(Photo photo) {
    var bytes = new ByteArrayOutputStream(Math.toIntExact(photo.size()));
    while (bytes.size() < photo.size()) {
      var piece = store.piece(photo, bytes.size(), PhotoSender.PIECE);
      if (piece.length == 0) {
        throw AvatarController.notFound(); // gone meanwhile
      }
      bytes.writeBytes(piece);
    }
    return bytes.toByteArray();
  }

  private static byte[] await(CompletableFuture<byte[]> others) {
    try {
      return others.get(PATIENCE.multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException failure) {
      throw failure.getCause() instanceof ProblemException problem ? problem : busy();
    } catch (TimeoutException slow) {
      throw busy();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw busy();
    }
  }

  private static ProblemException busy() {
    return new ProblemException(
        Problem.BUSY,
        "Too many thumbnails are being made: ask again after Retry-After.",
        List.of(),
        Duration.ofSeconds(2));
  }
}
