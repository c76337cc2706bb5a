package dev.profilepic.receiver.intake;

import dev.profilepic.contract.StepSpacing;
import dev.profilepic.receiver.database.DatabaseProperties;
import dev.profilepic.receiver.http.ProblemException;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.stereotype.Component;

/**
 * Lets concurrent requests share a transaction, because a commit costs the same for one event as
 * for two hundred. A few writers take the waiting events in turns. While one writer commits, the
 * next batch fills. The next batch is written when the turn is over, or when the turn lasts too
 * long (a batch may wait for locks of the CRM). Each caller gets its own receipt, after the COMMIT.
 *
 * <p>When a batch fails because of one event, each of its events is tried alone. When the database
 * is away or does not answer, the whole batch fails at once. Nothing is tried again here; the
 * answer tells callers when to send again.
 */
@Component
class EnqueueBatcher implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(EnqueueBatcher.class);

  /**
   * A commit costs little more for this many events; a larger batch keeps its callers waiting
   * longer.
   */
  private static final int MOST_AT_ONCE = 256;

  /**
   * About the time of a commit. A longer turn waits for locks, and the next batch must not wait for
   * them.
   */
  private static final long LINGER_MILLIS = 10;

  /**
   * One writer has its turn; a second writer is for the time in which the first waits for a lock.
   * They are platform threads: a virtual thread would stand in line behind all the callers that it
   * has just answered.
   */
  private static final int WRITERS = 2;

  /**
   * The time between the beginnings of two transactions; {@link #ENOUGH} events do not wait for it.
   */
  private static final Duration SPACING = Duration.ofMillis(5);

  private static final int ENOUGH = 24;

  /** Sixteen full batches. A longer queue would only hide that the database is too slow. */
  private static final int CAPACITY = 4_096;

  private static final long LOOK_UP_MILLIS = 100;
  private static final int LIST_BATCH = 2_500;

  private record Waiting(PhotoRequest request, CompletableFuture<Receipt> receipt) {}

  private final Enqueuer enqueuer;
  private final long patienceNanos;
  private final BlockingQueue<Waiting> waiting;
  private final DistributionSummary batchSizes;
  private final Semaphore turn = new Semaphore(1);
  private final StepSpacing spacing = new StepSpacing(SPACING);
  private final List<Thread> writers = new CopyOnWriteArrayList<>();
  private volatile boolean running;

  EnqueueBatcher(Enqueuer enqueuer, DatabaseProperties limits, MeterRegistry meters) {
    this.enqueuer = enqueuer;
    this.patienceNanos = limits.patience().toNanos();
    this.waiting = new ArrayBlockingQueue<>(CAPACITY);
    this.batchSizes =
        DistributionSummary.builder("profilepic.enqueue.batch")
            .description("Events written in one transaction")
            .register(meters);
    meters.gauge("profilepic.enqueue.waiting", waiting, BlockingQueue::size);
  }

  /**
   * Enqueues requests, together with other callers' requests.
   *
   * @return a receipt for each, in their order, committed
   * @throws ProblemException 503 when the database does not accept them in time. Some may be in the
   *     queue all the same; sending them again is harmless
   */
  public List<Receipt> enqueue(List<PhotoRequest> requests) {
    var entries =
        requests.stream().map(request -> new Waiting(request, new CompletableFuture<>())).toList();
    long deadline = System.nanoTime() + patienceNanos;
    try {
      for (var entry : entries) {
        if (!running || !waiting.offer(entry)) {
          throw ProblemException.unavailable();
        }
      }
      var receipts = new ArrayList<Receipt>(entries.size());
      for (var entry : entries) {
        receipts.add(entry.receipt().get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
      }
      return receipts;
    } catch (TimeoutException late) {
      throw ProblemException.unavailable();
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(failed.getCause());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw ProblemException.unavailable();
    } finally {
      // An event is not written when its caller no longer waits.
      entries.forEach(entry -> entry.receipt().cancel(false));
    }
  }

  /**
   * Enqueues a long list in separate large transactions, so that the list does not crowd out other
   * events. When such a transaction fails because of one event, its events are written like all
   * other events.
   *
   * @return a receipt for each, in their order, committed
   */
  public List<Receipt> enqueueList(List<PhotoRequest> requests) {
    var receipts = new ArrayList<Receipt>(requests.size());
    for (int from = 0; from < requests.size(); from += LIST_BATCH) {
      var part = requests.subList(from, Math.min(requests.size(), from + LIST_BATCH));
      try {
        receipts.addAll(enqueuer.enqueue(part));
        batchSizes.record(part.size());
      } catch (DataAccessResourceFailureException away) {
        throw away;
      } catch (DataAccessException failure) {
        log.warn("a list of {} is written in parts: {}", part.size(), failure.getMessage());
        for (int at = 0; at < part.size(); at += MOST_AT_ONCE) {
          receipts.addAll(enqueue(part.subList(at, Math.min(part.size(), at + MOST_AT_ONCE))));
        }
      }
    }
    return receipts;
  }

  private void writeUntilStopped() {
    while (running || !waiting.isEmpty()) {
      try {
        var first = waiting.poll(LOOK_UP_MILLIS, TimeUnit.MILLISECONDS);
        if (first != null) {
          writeFrom(first);
        }
      } catch (InterruptedException stopped) {
        return;
      }
    }
  }

  /**
   * Waits for this writer's turn, and writes the events that have arrived by then. The callers are
   * answered after the turn: the next batch need not wait until all of them run.
   */
  private void writeFrom(Waiting first) throws InterruptedException {
    var batch = new ArrayList<Waiting>();
    List<Receipt> receipts;
    boolean ours = turn.tryAcquire(LINGER_MILLIS, TimeUnit.MILLISECONDS);
    try {
      batch.add(first);
      spacing.await(() -> waiting.size() >= ENOUGH);
      waiting.drainTo(batch, MOST_AT_ONCE - 1);
      batch.removeIf(entry -> entry.receipt().isDone());
      receipts = write(batch);
    } finally {
      if (ours) {
        turn.release();
      }
    }
    for (int i = 0; i < receipts.size(); i++) {
      batch.get(i).receipt().complete(receipts.get(i));
    }
  }

  /**
   * Writes a batch and returns its receipts; no receipts when the batch failed and its callers
   * already know this.
   */
  private List<Receipt> write(List<Waiting> batch) {
    if (batch.isEmpty()) {
      return List.of();
    }
    batchSizes.record(batch.size());
    try {
      return enqueuer.enqueueInTime(batch.stream().map(Waiting::request).toList());
    } catch (DataAccessResourceFailureException | ProblemException away) {
      batch.forEach(entry -> entry.receipt().completeExceptionally(away));
    } catch (RuntimeException failure) {
      if (batch.size() == 1) {
        batch.getFirst().receipt().completeExceptionally(failure);
      } else {
        log.warn("a batch of {} is written one by one: {}", batch.size(), failure.getMessage());
        batch.stream().filter(entry -> !entry.receipt().isDone()).forEach(this::writeAlone);
      }
    }
    return List.of();
  }

  private void writeAlone(Waiting entry) {
    write(List.of(entry)).forEach(entry.receipt()::complete);
  }

  @Override
  public void start() {
    running = true;
    for (int i = 0; i < WRITERS; i++) {
      writers.add(Thread.ofPlatform().name("enqueue-writer-" + i).start(this::writeUntilStopped));
    }
  }

  /** Writes the waiting events, then ends. */
  @Override
  public void stop() {
    running = false;
    for (var writer : writers) {
      try {
        writer.join();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    }
    writers.clear();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Starts before the web server accepts calls, and stops after it has answered them. */
  @Override
  public int getPhase() {
    return 0;
  }
}
