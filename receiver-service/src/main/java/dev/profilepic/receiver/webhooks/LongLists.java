package dev.profilepic.receiver.webhooks;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.DatabaseCalls;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/**
 * Lets one long list of people be worked at a time. Such a list takes seconds, and a few of them
 * would take all connections for events. Each caller may have one list here, so the callers who
 * wait are served in turn.
 */
@Component
class LongLists {

  /** A longer list of people takes longer than {@link DatabaseCalls#patiently} waits. */
  private static final int LONG = 500;

  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration NEXT_TRY = Duration.ofSeconds(5);

  private final Semaphore turn = new Semaphore(1, true);
  private final Set<String> callers = ConcurrentHashMap.newKeySet();

  boolean isLong(Reading reading) {
    return reading.size() > LONG;
  }

  /**
   * Does the work of a long list when its turn has come.
   *
   * @throws ProblemException 429 when the caller has another list here, 503 when the turn does not
   *     come soon
   */
  <T> T inTurn(Caller caller, Supplier<T> work) {
    if (!callers.add(caller.account())) {
      throw new ProblemException(
          Problem.TOO_MANY_REQUESTS,
          "One long list at a time. Send it again after Retry-After.",
          List.of(),
          NEXT_TRY);
    }
    try {
      takeTurn();
      try {
        return work.get();
      } finally {
        turn.release();
      }
    } finally {
      callers.remove(caller.account());
    }
  }

  private void takeTurn() {
    try {
      if (turn.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    throw new ProblemException(
        Problem.BUSY,
        "Another long list is being worked. Send it again after Retry-After.",
        List.of(),
        NEXT_TRY);
  }
}
