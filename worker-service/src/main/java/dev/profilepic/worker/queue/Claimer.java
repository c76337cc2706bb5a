package dev.profilepic.worker.queue;

import dev.profilepic.contract.StepSpacing;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Leases the messages that may start now, and starts them. Looks again when a notification arrives,
 * a permit becomes free or a line's next token is there, and at the poll interval at the latest.
 */
final class Claimer implements PollingStep.Look {

  private static final Duration MOMENT = Duration.ofMillis(5);

  private final QueueSql queue;
  private final QueueProperties properties;
  private final DefaultInstance defaultInstance;

  /** Long enough for some messages even at a moderate load. */
  private static final Duration SPACING = Duration.ofMillis(5);

  private final WaitingLines lines;
  private final Permits permits;
  private final InFlight inFlight;
  private final Erasures erasures;
  private final Runner runner;
  private final LongSupplier nanoTime;
  private final StepSpacing spacing = new StepSpacing(SPACING);

  Claimer(
      QueueSql queue,
      QueueProperties properties,
      DefaultInstance defaultInstance,
      WaitingLines lines,
      Permits permits,
      InFlight inFlight,
      Erasures erasures,
      Runner runner,
      LongSupplier nanoTime) {
    this.queue = queue;
    this.properties = properties;
    this.defaultInstance = defaultInstance;
    this.lines = lines;
    this.permits = permits;
    this.inFlight = inFlight;
    this.erasures = erasures;
    this.runner = runner;
    this.nanoTime = nanoTime;
  }

  @Override
  public Duration once() throws InterruptedException {
    spacing.await();
    int free = permits.takeFree(MOMENT);
    int started = 0;
    try {
      var picks = lines.pick(free, permits.total(), inFlight.byInstance());
      if (picks.isEmpty()) {
        return idle();
      }
      var claim =
          queue.claim(
              picks,
              free,
              properties.lease(),
              defaultInstance.get(),
              properties.pacePerMinute(),
              Delivery.Freshness.fromNow(nanoTime));
      for (var delivery : erasures.mark(claim.deliveries())) {
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
