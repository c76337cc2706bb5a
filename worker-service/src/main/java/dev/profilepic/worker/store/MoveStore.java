package dev.profilepic.worker.store;

import dev.profilepic.store.BucketException;
import dev.profilepic.store.PhotoStore;
import java.util.function.LongConsumer;

/**
 * Moves the kept photos from one store to the other, one photo at a time. Each photo's row says
 * which store has the photo, so a move that was stopped goes on where it ended. Photos are served
 * all the while.
 */
final class MoveStore {

  private static final int BATCH = 100;

  /**
   * @param moved photos that are in the other store now
   * @param missing photos whose object is not in the bucket; they stay as they are
   */
  record Result(long moved, long missing) {}

  private final StoreSql sql;
  private final PhotoStore store;
  private final Removals removals;
  private final LongConsumer progress;
  private long moved;
  private long missing;

  /**
   * @param progress receives the number of moved photos, now and then
   */
  MoveStore(StoreSql sql, PhotoStore store, LongConsumer progress) {
    this.sql = sql;
    this.store = store;
    this.removals = new Removals(sql, store);
    this.progress = progress;
  }

  /** Moves the photos into the bucket, or out of it. */
  Result move(boolean toBucket) throws BucketException, InterruptedException {
    var after = "";
    while (true) {
      var photos = sql.toMove(toBucket, after, BATCH);
      for (var photo : photos) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        if (toBucket) {
          moveIn(photo);
        } else {
          moveOut(photo.key());
        }
        after = photo.key();
      }
      progress.accept(moved);
      if (photos.size() < BATCH) {
        break;
      }
    }
    if (!toBucket) {
      while (removals.removeSome()) {}
    }
    return new Result(moved, missing);
  }

  /** Moves a photo into the bucket. Its bytes leave the database when the object is there. */
  private void moveIn(StoreSql.Photo photo) throws BucketException, InterruptedException {
    if (!sql.beginMove(photo.key(), store.putLease())) {
      return; // gone meanwhile
    }
    var bytes = sql.bytes(photo.key());
    if (bytes.isEmpty()) {
      return;
    }
    store.bucket().put(photo.key(), photo.contentType(), bytes.get());
    if (sql.endMove(photo.key())) {
      moved++;
    }
  }

  private void moveOut(String key) throws BucketException {
    var bytes = store.bucket().read(key);
    if (bytes.length == 0) {
      missing++;
    } else if (sql.moveBack(key, bytes)) {
      moved++;
    }
  }
}
