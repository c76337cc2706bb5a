package dev.profilepic.worker.queue;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** The engine's own meters (design section 11). */
final class EngineMetrics {

  private final Counter leaseLost;

  EngineMetrics(MeterRegistry registry, Slots slots) {
    this.leaseLost =
        Counter.builder("profilepic.lease.lost")
            .description("Leases that ran out or were taken over while their message ran")
            .register(registry);
    Gauge.builder("profilepic.in.flight", slots, Slots::inUse)
        .description("Messages that run right now")
        .register(registry);
  }

  void leaseLost(int count) {
    leaseLost.increment(count);
  }
}
