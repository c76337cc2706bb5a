package dev.profilepic.worker.bridge;

import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;

/** What this worker sees to be wrong with the bridge. */
@Component
public class BridgeAlerts {

  private final CircuitBreakerRegistry breakers;
  private final LookupTimeCheck lookupTime;

  BridgeAlerts(CircuitBreakerRegistry breakers, LookupTimeCheck lookupTime) {
    this.breakers = breakers;
    this.lookupTime = lookupTime;
  }

  /** Names as in {@code monitoring/alerts.yml}. */
  public List<String> current() {
    var alerts = new ArrayList<String>();
    if (breakers.circuitBreaker("bridge").getState() == State.OPEN) {
      alerts.add("BridgeBreakerOpen");
    }
    if (lookupTime.isTooLong()) {
      alerts.add("BridgeTimeoutTooShort");
    }
    return alerts;
  }
}
