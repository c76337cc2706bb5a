package dev.profilepic.worker.queue;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leases what may start now and starts it, until told to stop. It looks again when a notification
 * arrives, a place becomes free or the next message becomes due, and at the poll interval at the
 * latest. Nothing but {@link #stop} ends it.
 */
final class ClaimLoop implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(ClaimLoop.class);
  private static final Duration MOMENT = Duration.ofMillis(5);
  private static final int DEEP_SCAN = 4_000;

  private final QueueSql queue;
  private final QueueProperties properties;
  private final Supplier<@Nullable String> defaultInstance;
  private final Slots slots;
  private final Runner runner;
  private final Signal signal;
  private volatile boolean stopping;
  private int scan;

  ClaimLoop(
      QueueSql queue,
      QueueProperties properties,
      Supplier<@Nullable String> defaultInstance,
      Slots slots,
      Runner runner,
      Signal signal) {
    this.queue = queue;
    this.properties = properties;
    this.defaultInstance = defaultInstance;
    this.slots = slots;
    this.runner = runner;
    this.signal = signal;
  }

  @Override
  public void run() {
    while (!stopping) {
      try {
        var idle = claimOnce();
        if (!idle.isZero() && !stopping) {
          signal.await(idle);
        }
      } catch (InterruptedException stopped) {
        return;
      } catch (RuntimeException failure) {
        log.warn("claiming failed, trying again: {}", failure.getMessage());
        pause();
      }
    }
  }

  void stop() {
    stopping = true;
    signal.ring();
  }

  /**
   * Claims once and starts what was leased.
   *
   * @return how long there is nothing to do, unless somebody rings; zero when there may be more
   *     right now
   */
  Duration claimOnce() throws InterruptedException {
    int places = slots.takeFree(MOMENT);
    if (places == 0) {
      return properties.pollInterval();
    }
    int started = 0;
    try {
      var claim =
          queue.claim(
              places,
              Math.max(places, scan),
              properties.lease(),
              defaultInstance.get(),
              properties.pacePerMinute());
      for (var delivery : claim.deliveries()) {
        runner.start(delivery);
        started++;
      }
      // A flood without free slots stands at the head of the queue: look deeper until it is out of
      // the way.
      scan = claim.postponed() > 0 ? DEEP_SCAN : 0;
      return started == places || claim.postponed() > 0 ? Duration.ZERO : idle(claim.nextDue());
    } finally {
      slots.giveBack(places - started);
    }
  }

  private Duration idle(@Nullable Duration nextDue) {
    var poll = properties.pollInterval();
    // Never zero: a message that another worker is just taking must not make this loop spin.
    return nextDue == null || nextDue.compareTo(poll) > 0 ? poll : nextDue.plusMillis(1);
  }

  private void pause() {
    try {
      signal.await(properties.pollInterval());
    } catch (InterruptedException stopped) {
      stopping = true;
    }
  }
}
