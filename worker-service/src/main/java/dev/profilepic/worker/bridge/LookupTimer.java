package dev.profilepic.worker.bridge;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** Times lookups at the bridge and at gateways. */
@Component
public class LookupTimer {

  private record Kind(String source, Class<? extends Lookup> result) {}

  private final MeterRegistry meters;
  private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();

  LookupTimer(MeterRegistry meters) {
    this.meters = meters;
  }

  /**
   * @param source the kind of gateway that was asked
   */
  public void record(String source, Lookup lookup, long nanos) {
    timers
        .computeIfAbsent(new Kind(source, lookup.getClass()), this::timer)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(Kind kind) {
    var status =
        kind.result()
            .getSimpleName()
            .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
            .toLowerCase(Locale.ROOT);
    return Timer.builder("profilepic.lookup")
        .description("Lookups at the bridge or another gateway")
        .tag("source", kind.source())
        .tag("status", status)
        .publishPercentileHistogram()
        .register(meters);
  }
}
