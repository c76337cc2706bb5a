package dev.profilepic.receiver.avatars;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.store.BucketException;
import dev.profilepic.store.PhotoBucket;
import dev.profilepic.store.PhotoStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The photos, in Postgres or in the bucket. The key is made from the content, so the bytes of a key
 * never change.
 */
@Component
class AvatarStore {

  /**
   * @param sha256 hex digest of the bytes
   * @param size in bytes
   * @param inBucket whether the bytes are in the bucket instead of in Postgres
   */
  record Photo(String sha256, String contentType, String storageKey, long size, boolean inBucket) {}

  /**
   * The stored facts about a lead's photo.
   *
   * @param generation of the lead's links; links of other generations are revoked
   * @param photo null when there is none
   */
  record Known(int generation, @Nullable Photo photo) {

    private static final Known NOTHING = new Known(0, null);
  }

  /** Connections that photos may use at once; further connections stay free for events. */
  private static final int READS = 4;

  private static final int MOST_OF_A_THUMBNAIL = 256 * 1024;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
  private static final long PATIENCE_MILLIS = 1_000;
  private static final byte[] NOTHING = {};

  private static final Logger log = LoggerFactory.getLogger(AvatarStore.class);

  private final JdbcClient jdbc;
  private final PhotoStore store;
  private final Semaphore reads = new Semaphore(READS);

  AvatarStore(JdbcClient jdbc, PhotoStore store) {
    this.jdbc = jdbc;
    this.store = store;
  }

  /** Returns the stored facts about a lead's photo, without its bytes. */
  Known find(String leadId) {
    return reading(() ->
        jdbc.sql(
                "SELECT link_generation, sha256, content_type, storage_key, size, in_bucket FROM profile_pic.photo_of(?)")
            .param(leadId)
            .query((row, number) -> known(row))
            .optional()
            .orElse(Known.NOTHING));
  }

  private static Known known(ResultSet row) throws SQLException {
    int generation = row.getInt("link_generation");
    long size = row.getLong("size");
    return new Known(
        generation,
        row.wasNull()
            ? null
            : new Photo(
                row.getString("sha256"),
                row.getString("content_type"),
                row.getString("storage_key"),
                size,
                row.getBoolean("in_bucket")));
  }

  /**
   * Returns up to the given number of a photo's bytes from an offset on; empty behind the photo's
   * end, or when the photo is gone.
   *
   * @throws ProblemException 503 when the bucket is away
   */
  byte[] piece(Photo photo, long offset, int most) {
    if (photo.inBucket()) {
      return fromBucket(photo.storageKey(), offset, most);
    }
    return reading(() ->
        jdbc.sql("SELECT coalesce(profile_pic.photo_piece(?, ?, ?), '')")
            .params(photo.storageKey(), Math.toIntExact(offset + 1), most)
            .query((row, number) -> row.getBytes(1))
            .single());
  }

  /** Returns a stored thumbnail; empty when there is none yet. */
  byte[] thumbnail(Photo photo, int size) {
    if (photo.inBucket()) {
      return fromBucket(PhotoBucket.thumbnail(photo.storageKey(), size), 0, MOST_OF_A_THUMBNAIL);
    }
    return reading(() ->
        jdbc.sql("SELECT coalesce(profile_pic.thumbnail(?, ?), '')")
            .params(photo.storageKey(), size)
            .query((row, number) -> row.getBytes(1))
            .single());
  }

  /** Stores a thumbnail for later calls. When storing fails, the next call makes it again. */
  void keepThumbnail(Photo photo, int size, byte[] jpeg) {
    try {
      if (!photo.inBucket()) {
        reading(() ->
            jdbc.sql("SELECT 1 FROM profile_pic.keep_thumbnail(?, ?, ?)")
                .params(photo.storageKey(), size, jpeg)
                .query(Integer.class)
                .list());
      } else if (mayPut(photo.storageKey())) {
        store.bucket().put(PhotoBucket.thumbnail(photo.storageKey(), size), "image/jpeg", jpeg);
      }
    } catch (BucketException | DataAccessException | ProblemException failure) {
      log.warn("a thumbnail was not kept: {}", failure.getMessage());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Returns whether a thumbnail may be put: not while the photo is being removed, because the
   * thumbnail would be left behind.
   */
  private boolean mayPut(String storageKey) {
    return reading(() ->
        jdbc.sql("SELECT profile_pic.hold_photo(?, ?)")
            .params(storageKey, store.putLease().toMillis())
            .query(Boolean.class)
            .single());
  }

  private byte[] fromBucket(String key, long offset, int most) {
    try {
      return store.bucket().read(key, offset, most);
    } catch (BucketException away) {
      log.warn("a photo could not be read: {}", away.getMessage());
      throw new ProblemException(
          Problem.UNAVAILABLE,
          "The store of the photos does not answer: ask again after Retry-After.",
          List.of(),
          RETRY_AFTER);
    }
  }

  /**
   * Returns the lead's name; empty where the CRM has no name, and when the person asked to be
   * forgotten.
   */
  String nameOf(String leadId) {
    return reading(() ->
        jdbc.sql("SELECT profile_pic.shown_name(?)").param(leadId).query(String.class).single());
  }

  private <T> T reading(Supplier<T> question) {
    try {
      if (!reads.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
        throw ProblemException.unavailable();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw ProblemException.unavailable();
    }
    try {
      return question.get();
    } finally {
      reads.release();
    }
  }
}
