package dev.profilepic.worker.store;

import dev.profilepic.store.BucketException;
import dev.profilepic.store.PhotoStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Removes photos that no lead refers to from the bucket: photos of erased people at once, other
 * photos after housekeeping's grace period. A removal stays due until the bucket has confirmed it.
 * Removing a photo twice is harmless.
 */
@Component
class Removals {

  /**
   * So few that even calls to a bucket that hangs end within two minutes. For that time the
   * removals are ours.
   */
  private static final int BATCH = 3;

  private static final Logger log = LoggerFactory.getLogger(Removals.class);

  private final StoreSql sql;
  private final PhotoStore store;

  Removals(StoreSql sql, PhotoStore store) {
    this.sql = sql;
    this.store = store;
  }

  @Scheduled(fixedDelayString = "PT1S")
  void tick() {
    try {
      while (store.hasBucket() && removeSome()) {
        if (Thread.currentThread().isInterrupted()) {
          return;
        }
      }
    } catch (DataAccessException | TransactionException failure) {
      log.warn("photos are removed from the bucket later: {}", failure.getMessage());
    }
  }

  /**
   * @return whether there may be more removals, and the bucket answers
   */
  boolean removeSome() {
    var removals = sql.takeRemovals(BATCH);
    boolean answers = true;
    for (var removal : removals) {
      try {
        store.bucket().remove(removal.key());
        sql.removed(removal);
      } catch (BucketException away) {
        answers = false;
        log.warn("a photo is still in the bucket: {}", away.getMessage());
        sql.notRemoved(removal, String.valueOf(away.getMessage()));
      }
    }
    return answers && removals.size() == BATCH;
  }
}
