package dev.profilepic.worker.bridge;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** Records how long lookups take, at the bridge and at gateways alike. */
@Component
public class LookupTimer {

  private final MeterRegistry meters;

  LookupTimer(MeterRegistry meters) {
    this.meters = meters;
  }

  /**
   * @param source the kind of gateway that was asked
   */
  public void record(String source, Lookup lookup, long nanos) {
    var status =
        lookup
            .getClass()
            .getSimpleName()
            .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
            .toLowerCase(Locale.ROOT);
    Timer.builder("profilepic.lookup")
        .description("Lookups at the bridge or another gateway")
        .tag("source", source)
        .tag("status", status)
        .publishPercentileHistogram()
        .register(meters)
        .record(nanos, TimeUnit.NANOSECONDS);
  }
}
