package dev.profilepic.worker.queue;

import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Leases the messages of a batch of one instance, and starts them together. The messages hold no
 * permits of single lookups: a batch is one question, and single lookups must not wait for it.
 */
final class BatchClaimer implements PollingStep.Look {

  private static final int LARGEST_BATCH = 100;

  private final QueueSql queue;
  private final QueueProperties properties;
  private final BatchProperties batches;
  private final Permits permits;
  private final Erasures erasures;
  private final Runner runner;
  private final LongSupplier nanoTime;

  /**
   * @param permits for batches that may run at once
   */
  BatchClaimer(
      QueueSql queue,
      QueueProperties properties,
      BatchProperties batches,
      Permits permits,
      Erasures erasures,
      Runner runner,
      LongSupplier nanoTime) {
    this.queue = queue;
    this.properties = properties;
    this.batches = batches;
    this.permits = permits;
    this.erasures = erasures;
    this.runner = runner;
    this.nanoTime = nanoTime;
  }

  @Override
  public Duration once() {
    if (!permits.takeOne()) {
      return properties.pollInterval();
    }
    boolean started = false;
    try {
      var claim =
          queue.claimBatch(
              LARGEST_BATCH,
              properties.lease(),
              batches.spacing(),
              properties.pacePerMinute(),
              Delivery.Freshness.fromNow(nanoTime));
      if (claim.deliveries().isEmpty()) {
        return idle(claim.lines());
      }
      runner.startTogether(erasures.mark(claim.deliveries()), permits);
      started = true;
      return Duration.ZERO;
    } finally {
      if (!started) {
        permits.giveBack(1);
      }
    }
  }

  /** Returns the time until a token is there, if only a token is missing. */
  private Duration idle(List<LineStatus> lines) {
    var poll = properties.pollInterval();
    return lines.stream()
        .flatMap(line -> Stream.ofNullable(line.openIn()))
        .map(wait -> wait.plusMillis(1))
        .filter(wait -> wait.compareTo(poll) < 0)
        .findFirst()
        .orElse(poll);
  }
}
