package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.Lookup;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** How long lookups at gateways took, in the same metric as the bridge's. */
@Component
final class LookupTimer {

  private final MeterRegistry meters;

  LookupTimer(MeterRegistry meters) {
    this.meters = meters;
  }

  void record(Lookup lookup, long nanos) {
    var status =
        lookup
            .getClass()
            .getSimpleName()
            .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
            .toLowerCase(Locale.ROOT);
    Timer.builder("profilepic.lookup")
        .description("Lookups at the bridge")
        .tag("status", status)
        .publishPercentileHistogram()
        .register(meters)
        .record(nanos, TimeUnit.NANOSECONDS);
  }
}
