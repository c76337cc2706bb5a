package dev.profilepic.receiver.avatars;

import dev.profilepic.receiver.avatars.AvatarStore.Photo;
import dev.profilepic.receiver.http.CutConnectionValve;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Sends photos in pieces. Each piece is read after the piece before it is sent, so a slow reader
 * holds one piece in memory and no connection to the database. The number of readers is bounded;
 * further readers are answered 503. A reader who has not read the whole photo in time is cut off.
 */
@Component
class PhotoSender {

  /** Most photos are smaller, so one query to the database is enough for them. */
  static final int PIECE = 256 * 1024;

  /** The elapsed time is checked after this many bytes. */
  private static final int SLICE = 8 * 1024;

  /** The limit for a whole photo: the largest usual photo (5 MB) needs 170 KB/s to come in time. */
  static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static final long PATIENCE_MILLIS = 1_000;
  private static final Logger log = LoggerFactory.getLogger(PhotoSender.class);

  private final AvatarStore store;
  private final Semaphore places;
  private final InstantSource clock;
  private final MeterRegistry meters;

  PhotoSender(
      AvatarStore store, SendingProperties properties, InstantSource clock, MeterRegistry meters) {
    this.store = store;
    this.places = new Semaphore(properties.places());
    this.clock = clock;
    this.meters = meters;
    meters.gauge(
        "profilepic.avatars.sending", places, p -> properties.places() - p.availablePermits());
    List.of("sent", "cut", "left", "failed", "busy").forEach(this::photos);
  }

  /**
   * Writes the photo's bytes and their length. The caller sets the other headers.
   *
   * @throws ProblemException 404 when the bytes are gone, 503 when too many photos are being sent
   */
  void send(Photo photo, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    take();
    try {
      var first = store.piece(photo, 0, PIECE);
      if (first.length == 0) {
        throw AvatarController.notFound();
      }
      response.setContentLengthLong(photo.size());
      sendOn(photo, first, request, response.getOutputStream());
    } finally {
      places.release();
    }
  }

  /** Writes a thumbnail's bytes and their length. A thumbnail takes a place too, like a photo. */
  void send(byte[] thumbnail, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    take();
    try {
      response.setContentLength(thumbnail.length);
      if (write(thumbnail, response.getOutputStream(), clock.instant().plus(TIMEOUT))) {
        photos("sent").increment();
      } else {
        cut(request, "cut");
      }
    } catch (IOException gone) {
      cut(request, "left");
    } finally {
      places.release();
    }
  }

  private void sendOn(Photo photo, byte[] first, HttpServletRequest request, OutputStream out) {
    var deadline = clock.instant().plus(TIMEOUT);
    try {
      long sent = 0;
      for (var piece = first; ; piece = store.piece(photo, sent, PIECE)) {
        sent += piece.length;
        if (piece.length == 0 || !write(piece, out, deadline)) {
          cut(request, "cut");
          return;
        }
        if (sent >= photo.size()) {
          photos("sent").increment();
          return;
        }
      }
    } catch (IOException gone) {
      cut(request, "left");
    } catch (DataAccessException | ProblemException failure) {
      log.warn("a photo was sent in part: {}", failure.getMessage());
      cut(request, "failed");
    }
  }

  /**
   * @return false when the time is over
   */
  private boolean write(byte[] piece, OutputStream out, Instant deadline) throws IOException {
    for (int from = 0; from < piece.length; from += SLICE) {
      if (clock.instant().isAfter(deadline)) {
        return false;
      }
      out.write(piece, from, Math.min(SLICE, piece.length - from));
    }
    return true;
  }

  private void cut(HttpServletRequest request, String result) {
    CutConnectionValve.cut(request);
    photos(result).increment();
  }

  private void take() {
    try {
      if (!places.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
        photos("busy").increment();
        throw busy();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw busy();
    }
  }

  private Counter photos(String result) {
    return Counter.builder("profilepic.avatars")
        .description("Photos by what came of sending them")
        .tag("result", result)
        .register(meters);
  }

  private static ProblemException busy() {
    return new ProblemException(
        Problem.BUSY,
        "Too many photos are being sent: ask again after Retry-After.",
        List.of(),
        Duration.ofSeconds(2));
  }
}
