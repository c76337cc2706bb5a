package dev.profilepic.worker.store;

import dev.profilepic.store.BucketException;
import dev.profilepic.store.PhotoStore;
import java.util.function.LongConsumer;

/**
 * Moves photos that are kept from one store to the other, one after the other. Each photo's row
 * says where it is, so a move that was stopped goes on where it ended, and photos are served all
 * the while.
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
   * @param progress is told how many are moved, now and then
   */
  MoveStore(StoreSql sql, PhotoStore store, LongConsumer progress) {
    this.sql = sql;
    this.store = store;
    this.removals = new Removals(sql, store);
    this.progress = progress;
  }

  /** Moves into the bucket, or out of it. */
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

  /** The bytes leave the database when the object is there. */
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
