package dev.profilepic.worker.queue;

import dev.profilepic.contract.StepSpacing;
import dev.profilepic.worker.tracing.Step;
import io.opentelemetry.context.Context;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.CannotCreateTransactionException;

/**
 * Commits results in groups. All results that finished while the previous group was written go
 * together in one transaction, so an idle worker settles at once and a busy worker settles a
 * hundred at a time.
 */
final class Settler implements EngineLoop.Step {

  private static final Logger log = LoggerFactory.getLogger(Settler.class);
  private static final int LARGEST_GROUP = 256;
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /**
   * Classes of SQLSTATE that come both from a database that is away and from a healthy database
   * that refuses a single statement: 53 insufficient resources, 54 limit exceeded, 57 operator
   * intervention.
   */
  private static final Set<String> AMBIGUOUS = Set.of("53", "54", "57");

  /**
   * Classes that concern every result: 08 connection, 25 a database that is read-only, 42
   * privileges or functions that are not there. An operator has to repair the database; no message
   * is to blame.
   */
  private static final Set<String> EVERYBODYS = Set.of("08", "25", "42");

  /** Classes that concern the data of one result: 22 data, 23 constraints, 54 limits. */
  private static final Set<String> ITS_OWN = Set.of("22", "23", "54");

  /** Short compared with a lookup. As many as ENOUGH results do not wait for it. */
  private static final Duration SPACING = Duration.ofMillis(10);

  private static final int ENOUGH = 48;

  private final QueueSql queue;
  private final String worker;
  private final boolean archive;
  private final Consumer<List<LeadWriter.Row>> rowsToWrite;
  private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
  private final StepSpacing spacing = new StepSpacing(SPACING);

  /**
   * @param trace trace context of the settlement
   * @param failures how often the result, alone in its group, could not be written
   */
  private record Waiting(
      Settlement settlement, CompletableFuture<Boolean> settled, Context trace, int failures) {

    long messageId() {
      return settlement.lease().messageId();
    }

    Waiting later() {
      return new Waiting(settlement, settled, trace, failures + 1);
    }

    /**
     * Returns the pause before the next try. It doubles with each failure, so that rows which stay
     * locked cost the other results less.
     */
    Duration pause() {
      var doubled = PAUSE_AFTER_FAILURE.multipliedBy(1L << Math.min(failures, 7));
      return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }
  }

  /**
   * @param worker name of this process, for dead letters
   * @param archive whether completed messages are archived instead of deleted
   * @param rowsToWrite receives, after each commit, the CRM's rows that must be written
   */
  Settler(
      QueueSql queue, String worker, boolean archive, Consumer<List<LeadWriter.Row>> rowsToWrite) {
    this.queue = queue;
    this.worker = worker;
    this.archive = archive;
    this.rowsToWrite = rowsToWrite;
  }

  /**
   * Hands a result over.
   *
   * @return true once its transaction has committed; false when the lease was not ours any more.
   *     Fails when the database refuses this result
   */
  CompletableFuture<Boolean> settle(Settlement settlement) {
    var settled = new CompletableFuture<Boolean>();
    waiting.add(new Waiting(settlement, settled, Step.current(), 0));
    return settled;
  }

  /** Settles the results that wait, or waits for a result. */
  @Override
  public void run() throws InterruptedException {
    var group = new ArrayList<Waiting>();
    group.add(waiting.take());
    try {
      spacing.await(() -> waiting.size() >= ENOUGH);
      waiting.drainTo(group, LARGEST_GROUP - 1);
      settle(group);
    } catch (InterruptedException | RuntimeException | Error cutShort) {
      // Otherwise the threads of these results would wait without an end.
      group.forEach(one -> one.settled().completeExceptionally(cutShort));
      throw cutShort;
    }
  }

  /**
   * Writes one group. Waits for a database that is away and tries again, because settling a
   * committed result again changes nothing. Halves a group that is refused, until the result that
   * is to blame stands alone.
   */
  private void settle(List<Waiting> group) throws InterruptedException {
    while (true) {
      try {
        answer(
            group, queue.settle(group.stream().map(Waiting::settlement).toList(), worker, archive));
        return;
      } catch (DataAccessException | CannotCreateTransactionException failure) {
        if (isAway(failure)) {
          log.warn("{} results wait for the database: {}", group.size(), failure.getMessage());
          TimeUnit.MILLISECONDS.sleep(PAUSE_AFTER_FAILURE.toMillis());
        } else if (group.size() > 1) {
          settle(group.subList(0, group.size() / 2));
          settle(group.subList(group.size() / 2, group.size()));
          return;
        } else {
          giveUp(group.getFirst(), failure);
          return;
        }
      }
    }
  }

  /**
   * Turns a result whose data the database refuses into a dead letter that says so, instead of
   * attempting the message until the cap on deliveries. After any other refusal, for example
   * because of a locked row, the result is tried again later, at growing intervals, and delays no
   * other result.
   */
  private void giveUp(Waiting alone, RuntimeException failure) {
    if (!ITS_OWN.contains(classOf(failure))) {
      log.warn("one result has to wait: {}", failure.getMessage());
      CompletableFuture.delayedExecutor(alone.pause().toMillis(), TimeUnit.MILLISECONDS)
          .execute(() -> waiting.add(alone.later()));
      return;
    }
    var refused = alone.settlement();
    log.error("the database refuses a result: {}", failure.getMessage());
    try {
      var letter =
          Settlement.ofTheMessage(
              refused.delivery(),
              new Disposition.Dead(refused.attempts()),
              "SETTLE_REFUSED",
              "SQLSTATE " + state(failure));
      answer(List.of(alone), queue.settle(List.of(letter), worker, archive));
    } catch (DataAccessException | CannotCreateTransactionException again) {
      alone.settled().completeExceptionally(failure);
    }
  }

  private void answer(List<Waiting> group, Map<Long, Optional<String>> settled) {
    var rows = new ArrayList<LeadWriter.Row>();
    for (var one : group) {
      @Nullable Optional<String> lead = settled.get(one.messageId());
      if (lead != null) {
        lead.ifPresent(id -> rows.add(new LeadWriter.Row(id, one.trace())));
      }
    }
    // The rows come first: an engine that stops waits for its results, and then ends its writer.
    rowsToWrite.accept(rows);
    group.forEach(one -> one.settled().complete(settled.containsKey(one.messageId())));
  }

  private boolean isAway(RuntimeException failure) {
    var sqlClass = classOf(failure);
    return sqlClass.isEmpty()
        || EVERYBODYS.contains(sqlClass)
        || (AMBIGUOUS.contains(sqlClass) && !queue.answers());
  }

  private static String classOf(RuntimeException failure) {
    var state = state(failure);
    return state.isEmpty() ? "" : state.substring(0, 2);
  }

  /** Returns the SQLSTATE; empty when the failure is not the database's. */
  private static String state(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql
          && sql.getSQLState() != null
          && sql.getSQLState().length() == 5) {
        return sql.getSQLState();
      }
    }
    return "";
  }
}
