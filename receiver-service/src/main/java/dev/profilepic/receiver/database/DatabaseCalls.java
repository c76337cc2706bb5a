package dev.profilepic.receiver.database;

import dev.profilepic.receiver.http.ProblemException;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.PreDestroy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Waits for the database no longer than a caller can wait. A database that refuses is noticed at
 * once. A database that accepts a statement and never answers would hold its caller until the
 * socket's own timeout, and that timeout must be long enough for an operator's slowest statement.
 *
 * <p>Each call to the database runs on a separate virtual thread. Interrupting a thread that waits
 * for a socket closes the socket (see {@link java.net.Socket#getInputStream}). So an abandoned call
 * ends at once, its connection leaves the pool, and no threads pile up. Whether its statement was
 * committed is then unknown. For threads that are not virtual, {@link #inThisThread} cuts the
 * connection itself.
 */
@Component
public class DatabaseCalls {

  /** The limit for small queries that come before the actual query. */
  public static final Duration BRIEFLY = Duration.ofMillis(400);

  private static final Logger log = LoggerFactory.getLogger(DatabaseCalls.class);

  private final Duration patience;
  private final AtomicInteger running = new AtomicInteger();
  private final ScheduledThreadPoolExecutor alarms =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("database-alarm").factory());

  DatabaseCalls(DatabaseProperties properties, MeterRegistry meters) {
    this.patience = properties.patience();
    alarms.setRemoveOnCancelPolicy(true);
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

  /**
   * Runs a call in the calling thread for as long as {@code profile-pic.database.patience} allows,
   * then cuts its connection. This spares a busy caller the change of threads.
   *
   * @return the result of the call
   * @throws ProblemException 503 when there is no answer by then
   */
  public <T> T inThisThread(JdbcTemplate jdbc, ConnectionCallback<T> call) {
    var cut = new Cut();
    var alarm = alarms.schedule(cut, patience.toNanos(), TimeUnit.NANOSECONDS);
    running.incrementAndGet();
    try {
      return Objects.requireNonNull(
          jdbc.execute((ConnectionCallback<T>) connection -> cut.around(connection, call)));
    } catch (DataAccessException failure) {
      throw cut.happened() ? ProblemException.unavailable() : failure;
    } finally {
      alarm.cancel(false);
      running.decrementAndGet();
    }
  }

  /** Closes the connection that a call uses, unless the call has ended. */
  private static final class Cut implements Runnable {

    private @Nullable Connection used;
    private boolean happened;

    <T> T around(Connection connection, ConnectionCallback<T> call) throws SQLException {
      use(connection);
      try {
        return call.doInConnection(connection);
      } finally {
        use(null);
      }
    }

    private synchronized void use(@Nullable Connection connection) throws SQLException {
      used = connection;
      if (happened && connection != null) {
        throw new SQLTimeoutException("no connection was free in time");
      }
    }

    synchronized boolean happened() {
      return happened;
    }

    @Override
    public synchronized void run() {
      happened = true;
      if (used != null) {
        try {
          used.abort(Runnable::run);
        } catch (SQLException closed) {
          log.debug("a connection could not be cut: {}", closed.getMessage());
        }
      }
    }
  }

  @PreDestroy
  void stop() {
    alarms.shutdownNow();
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
