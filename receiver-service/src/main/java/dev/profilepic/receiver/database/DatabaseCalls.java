package dev.profilepic.receiver.database;

import dev.profilepic.receiver.http.ProblemException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/**
 * Waits for the database no longer than a caller can wait. A database that refuses is noticed at
 * once. A database that accepts a statement and never answers would hold its caller until the
 * socket's own timeout, and that timeout must be long enough for an operator's slowest statement.
 *
 * <p>Each call to the database runs on a virtual thread of its own. Interrupting a thread that
 * waits for a socket closes the socket (see {@link java.net.Socket#getInputStream}). So an
 * abandoned call ends at once, its connection leaves the pool, and no threads pile up. Whether its
 * statement was committed is then unknown.
 */
@Component
public class DatabaseCalls {

  /** The limit for small queries that come before the actual one. */
  public static final Duration BRIEFLY = Duration.ofMillis(400);

  private final Duration patience;
  private final AtomicInteger running = new AtomicInteger();

  DatabaseCalls(DatabaseProperties properties, MeterRegistry meters) {
    this.patience = properties.patience();
    meters.gauge("profilepic.database.calls", running);
  }

  /**
   * Runs a call for as long as {@code profile-pic.database.patience} allows.
   *
   * @throws ProblemException 503 when there is no answer by then
   */
  public <T> T patiently(Supplier<T> call) {
    return within(patience, call);
  }

  /**
   * Runs a call that must not take long.
   *
   * @throws ProblemException 503 when there is no answer after {@link #BRIEFLY}
   */
  public <T> T briefly(Supplier<T> call) {
    return within(BRIEFLY, call);
  }

  private <T> T within(Duration longest, Supplier<T> call) {
    var task = new FutureTask<T>(() -> counted(call));
    Thread.ofVirtual().name("database-call").start(task);
    try {
      return task.get(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      throw ProblemException.unavailable();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw ProblemException.unavailable();
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(failed.getCause());
    } finally {
      task.cancel(true);
    }
  }

  private <T> T counted(Supplier<T> call) {
    running.incrementAndGet();
    try {
      return call.get();
    } finally {
      running.decrementAndGet();
    }
  }
}
