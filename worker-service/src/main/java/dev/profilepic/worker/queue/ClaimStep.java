package dev.profilepic.worker.queue;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leases what may start now and starts it. Looks again when a notification arrives, a permit
 * becomes free or a line's next token is there, and at the poll interval at the latest.
 */
final class ClaimStep implements EngineLoop.Step {

  private static final Logger log = LoggerFactory.getLogger(ClaimStep.class);
  private static final Duration MOMENT = Duration.ofMillis(5);

  /** A lookup that has not begun so long after its lease is given back, its token spent. */
  private static final Duration LONGEST_START = Duration.ofSeconds(2);

  private final QueueSql queue;
  private final QueueProperties properties;
  private final Supplier<@Nullable String> defaultInstance;
  private final WaitingLines lines;
  private final Permits permits;
  private final InFlight inFlight;
  private final Runner runner;
  private final Signal signal;
  private final LongSupplier nanoTime;

  ClaimStep(
      QueueSql queue,
      QueueProperties properties,
      Supplier<@Nullable String> defaultInstance,
      WaitingLines lines,
      Permits permits,
      InFlight inFlight,
      Runner runner,
      Signal signal,
      LongSupplier nanoTime) {
    this.queue = queue;
    this.properties = properties;
    this.defaultInstance = defaultInstance;
    this.lines = lines;
    this.permits = permits;
    this.inFlight = inFlight;
    this.runner = runner;
    this.signal = signal;
    this.nanoTime = nanoTime;
  }

  @Override
  public void run() throws InterruptedException {
    Duration idle;
    try {
      idle = claimOnce();
    } catch (RuntimeException failure) {
      log.warn("claiming failed, trying again: {}", failure.getMessage());
      idle = properties.pollInterval();
    }
    if (idle.isPositive()) {
      signal.await(idle);
    }
  }

  /**
   * Claims once and starts what was leased.
   *
   * @return how long there is nothing to do, unless somebody rings; zero when there may be more
   *     right now
   */
  Duration claimOnce() throws InterruptedException {
    int free = permits.takeFree(MOMENT);
    int started = 0;
    try {
      var picks = lines.pick(free, permits.total(), inFlight.byInstance());
      if (picks.isEmpty()) {
        return idle();
      }
      // Before the call is sent: the lease cannot be older than that.
      long askedAt = nanoTime.getAsLong();
      Delivery.Freshness freshness =
          () -> nanoTime.getAsLong() - askedAt <= LONGEST_START.toNanos();
      var claim =
          queue.claim(
              picks,
              free,
              properties.lease(),
              defaultInstance.get(),
              properties.pacePerMinute(),
              freshness);
      for (var delivery : claim.deliveries()) {
        runner.start(delivery);
        started++;
      }
      claim.lines().forEach(lines::told);
      return claim.deliveries().isEmpty() ? idle() : Duration.ZERO;
    } finally {
      permits.giveBack(free - started);
    }
  }

  private Duration idle() {
    var poll = properties.pollInterval();
    @Nullable Duration next = lines.nextLook();
    if (next == null || next.compareTo(poll) > 0) {
      return poll;
    }
    // Never zero: a line that cannot be served right now must not make this loop spin.
    return next.plusMillis(1);
  }
}
