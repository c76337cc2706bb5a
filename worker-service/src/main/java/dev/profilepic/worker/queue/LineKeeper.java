package dev.profilepic.worker.queue;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Keeps the waiting lines complete: takes due messages of PGMQ into them, mends lines and messages
 * that do not belong together, and notes for this worker which lines have messages. Runs at every
 * poll, and at once when the signal rings for all lines.
 *
 * <p>The keeper rests twenty times as long as a look took, but no longer than {@link
 * #LONGEST_REST}. A held snapshot can keep a database from removing its dead rows, and the keeper
 * must not make such a database slower.
 */
final class LineKeeper implements PollingStep.Look {

  private static final int ADOPTED_AT_ONCE = 1_000;
  private static final int HEALED_AT_ONCE = 5_000;
  private static final int REST_FACTOR = 20;

  /**
   * A look that takes longer than half a second was usually held up by a lock or by a suspended
   * machine, which costs the database nothing. Without this limit, a worker that was suspended for
   * a minute would find no expired lease for the next twenty minutes.
   */
  private static final Duration LONGEST_REST = Duration.ofSeconds(10);

  private final QueueSql queue;
  private final QueueProperties properties;
  private final DefaultInstance defaultInstance;
  private final WaitingLines lines;
  private final Signal claimSignal;
  private final LongSupplier nanoTime;
  private long healedUpTo;

  LineKeeper(
      QueueSql queue,
      QueueProperties properties,
      DefaultInstance defaultInstance,
      WaitingLines lines,
      Signal claimSignal,
      LongSupplier nanoTime) {
    this.queue = queue;
    this.properties = properties;
    this.defaultInstance = defaultInstance;
    this.lines = lines;
    this.claimSignal = claimSignal;
    this.nanoTime = nanoTime;
  }

  @Override
  public Duration once() {
    long start = nanoTime.getAsLong();
    var adopted = queue.adopt(properties.pacePerMinute(), ADOPTED_AT_ONCE);
    lines.found(queue.findLines(defaultInstance.get(), properties.pacePerMinute()));
    claimSignal.ring();
    if (adopted.adopted() == ADOPTED_AT_ONCE) {
      return Duration.ZERO;
    }
    healedUpTo = queue.heal(healedUpTo, HEALED_AT_ONCE);
    var rest = restAfter(Duration.ofNanos(nanoTime.getAsLong() - start));
    var poll = properties.pollInterval();
    var next =
        adopted.nextDue() == null || adopted.nextDue().compareTo(poll) > 0
            ? poll
            : adopted.nextDue().plusMillis(1);
    return rest.compareTo(next) > 0 ? rest : next;
  }

  private static Duration restAfter(Duration look) {
    var rest = look.multipliedBy(REST_FACTOR);
    return rest.compareTo(LONGEST_REST) < 0 ? rest : LONGEST_REST;
  }
}
