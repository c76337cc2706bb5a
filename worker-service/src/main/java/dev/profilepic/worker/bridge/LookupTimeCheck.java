package dev.profilepic.worker.bridge;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Checks that we wait for the bridge for longer than a lookup may take there, its wait in the
 * bridge's queue included. Otherwise we would give up lookups that the bridge still answers, and
 * count them as failures of the bridge, until its circuit breaker opens for every instance.
 *
 * <p>The check runs at the start and again from time to time: the bridge may not be up yet, or may
 * come back with another configuration.
 */
@Component
class LookupTimeCheck {

  private static final Logger log = LoggerFactory.getLogger(LookupTimeCheck.class);

  private final BridgeOverview bridge;
  private final Duration timeout;
  private volatile @Nullable Duration longest;

  LookupTimeCheck(BridgeOverview bridge, BridgeProperties properties, MeterRegistry meters) {
    this.bridge = bridge;
    this.timeout = properties.timeout();
    TimeGauge.builder(
            "profilepic.bridge.longest.lookup", this, TimeUnit.MILLISECONDS, check -> check.told())
        .description("How long the bridge says that a lookup takes at the most")
        .register(meters);
    TimeGauge.builder(
            "profilepic.bridge.timeout", timeout, TimeUnit.MILLISECONDS, Duration::toMillis)
        .description("How long the worker waits for the bridge; must be longer")
        .strongReference(true)
        .register(meters);
  }

  @Scheduled(fixedDelayString = "PT10S")
  void look() {
    bridge.longestLookup().filter(told -> !told.equals(longest)).ifPresent(this::compare);
  }

  /** Returns whether the bridge may take longer than we wait, as far as the bridge has reported. */
  boolean isTooLong() {
    @Nullable Duration known = longest;
    return known != null && known.compareTo(timeout) >= 0;
  }

  private void compare(Duration told) {
    longest = told;
    if (isTooLong()) {
      log.error(
          "the bridge takes up to {} ms for a lookup, and we wait for {} ms: raise"
              + " PROFILE_PIC_BRIDGE_TIMEOUT above it, or lower BRIDGE_LOOKUP_MAX_WAIT_MS or"
              + " BRIDGE_LOOKUP_DEADLINE_MS at the bridge. Until then slow lookups count as failures"
              + " of the bridge",
          told.toMillis(),
          timeout.toMillis());
    } else {
      log.info(
          "the bridge takes up to {} ms for a lookup, and we wait for {} ms",
          told.toMillis(),
          timeout.toMillis());
    }
  }

  private double told() {
    @Nullable Duration known = longest;
    return known == null ? Double.NaN : known.toMillis();
  }
}
