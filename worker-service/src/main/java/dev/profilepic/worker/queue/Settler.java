package dev.profilepic.worker.queue;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.CannotCreateTransactionException;

/**
 * Commits results in groups: whatever finished while the previous group was being written goes
 * together in one transaction, so an idle worker settles at once and a busy one a hundred at a
 * time.
 */
final class Settler implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(Settler.class);
  private static final int LARGEST_GROUP = 256;
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(250);
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private final QueueSql queue;
  private final String worker;
  private final boolean archive;
  private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();

  private record Waiting(Settlement settlement, CompletableFuture<Boolean> settled) {}

  /**
   * @param worker name of this process, for dead letters
   * @param archive whether completed messages are archived instead of deleted
   */
  Settler(QueueSql queue, String worker, boolean archive) {
    this.queue = queue;
    this.worker = worker;
    this.archive = archive;
  }

  /**
   * Hands a result over.
   *
   * @return true once its transaction has committed; false when the lease was not ours any more.
   *     Fails when the database refuses this very result
   */
  CompletableFuture<Boolean> settle(Settlement settlement) {
    var settled = new CompletableFuture<Boolean>();
    waiting.add(new Waiting(settlement, settled));
    return settled;
  }

  /** Settles until interrupted. */
  @Override
  public void run() {
    try {
      while (true) {
        var group = new ArrayList<Waiting>();
        group.add(waiting.take());
        waiting.drainTo(group, LARGEST_GROUP - 1);
        settle(group);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Writes one group. A database that is away is waited for: settling again what was committed
   * already changes nothing. A group that is refused is halved until the one result that is to
   * blame stands alone.
   */
  private void settle(List<Waiting> group) throws InterruptedException {
    while (true) {
      try {
        answer(
            group, queue.settle(group.stream().map(Waiting::settlement).toList(), worker, archive));
        return;
      } catch (DataAccessException | CannotCreateTransactionException failure) {
        if (isPassing(failure)) {
          log.warn("{} results wait for the database: {}", group.size(), failure.getMessage());
          TimeUnit.MILLISECONDS.sleep(PAUSE_AFTER_FAILURE.toMillis());
        } else if (group.size() > 1) {
          settle(group.subList(0, group.size() / 2));
          settle(group.subList(group.size() / 2, group.size()));
          return;
        } else {
          refuse(group.getFirst(), failure);
          return;
        }
      }
    }
  }

  private void refuse(Waiting alone, RuntimeException failure) {
    if (hasState(failure, LOCK_NOT_AVAILABLE)) {
      // The CRM holds this lead's row: the others go first, and the heartbeat keeps the lease
      // meanwhile.
      waiting.add(alone);
    } else {
      alone.settled().completeExceptionally(failure);
    }
  }

  private static void answer(List<Waiting> group, Set<Long> settled) {
    for (var one : group) {
      one.settled().complete(settled.contains(one.settlement().lease().messageId()));
    }
  }

  private static boolean isPassing(RuntimeException failure) {
    return !hasState(failure, LOCK_NOT_AVAILABLE)
        && (failure instanceof TransientDataAccessException
            || failure instanceof RecoverableDataAccessException
            || failure instanceof DataAccessResourceFailureException
            || failure instanceof CannotCreateTransactionException);
  }

  private static boolean hasState(Throwable failure, String state) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && state.equals(sql.getSQLState())) {
        return true;
      }
    }
    return false;
  }
}
