package dev.profilepic.worker.pictures;

import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.Disposition;
import dev.profilepic.worker.queue.Settlement;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Counts and logs the outcomes that were committed. */
@Component
public class OutcomeMetrics {

  private static final Logger log = LoggerFactory.getLogger(OutcomeMetrics.class);
  private static final int MOST_INSTANCES = 100;

  private final MeterRegistry meters;
  private final InstantSource clock;
  private final Timer endToEnd;
  private final Set<String> instances = ConcurrentHashMap.newKeySet();

  public OutcomeMetrics(MeterRegistry meters, InstantSource clock) {
    this.meters = meters;
    this.clock = clock;
    this.endToEnd =
        Timer.builder("profilepic.end.to.end")
            .description("From the event in the queue to the lead's row")
            .publishPercentileHistogram()
            .maximumExpectedValue(Duration.ofHours(1))
            .register(meters);
  }

  /**
   * Creates all counters of an instance, at zero. Prometheus sees no increase in a counter that
   * begins with its first outcome.
   */
  public void expect(String instance) {
    var label = label(instance);
    Outcome.codes().forEach(code -> counter(code, label));
  }

  void settled(Delivery delivery, Settlement settlement) {
    counter(settlement.outcome(), label(delivery.instanceId())).increment();
    switch (settlement.disposition()) {
      case Disposition.Complete _ -> {
        endToEnd.record(Duration.between(delivery.enqueuedAt(), clock.instant()));
        log.info("{}", settlement.outcome());
      }
      case Disposition.Dead _ ->
          log.warn(
              "{}: dead letter after {} attempts: {}",
              settlement.outcome(),
              settlement.attempts(),
              settlement.detail());
      case Disposition.Retry(var delay, _) ->
          log.info(
              "{}: attempt {} failed ({}), again in {} s",
              settlement.outcome(),
              settlement.attempts(),
              settlement.detail(),
              delay.toSeconds());
      case Disposition.Defer(var delay, _, _, _) ->
          log.info(
              "{}: not now ({}), again in {} s",
              settlement.outcome(),
              settlement.detail(),
              delay.toSeconds());
      // Never settled.
      case Disposition.GiveBack() -> {}
    }
  }

  private Counter counter(String outcome, String instance) {
    return Counter.builder("profilepic.outcomes")
        .description("Attempts by what came of them")
        .tag("outcome", outcome)
        .tag("instance", instance)
        .register(meters);
  }

  /**
   * Returns the label of an instance. The first hundred instances have their own labels and the
   * other instances share one, because a label per tenant would drown Prometheus.
   */
  private String label(@Nullable String instance) {
    if (instance == null) {
      return "unknown";
    }
    if (instances.contains(instance)
        || (instances.size() < MOST_INSTANCES && instances.add(instance))) {
      return instance;
    }
    return "other";
  }
}
