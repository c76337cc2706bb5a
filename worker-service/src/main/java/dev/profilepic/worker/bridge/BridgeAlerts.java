package dev.profilepic.worker.bridge;

import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;

/** The alerts about the bridge that this worker sees. */
@Component
public class BridgeAlerts {

  private final CircuitBreakerRegistry breakers;
  private final LookupTimeCheck lookupTime;

  BridgeAlerts(CircuitBreakerRegistry breakers, LookupTimeCheck lookupTime) {
    this.breakers = breakers;
    this.lookupTime = lookupTime;
  }

  /** Returns the names of the alerts, as in {@code monitoring/alerts.yml}. */
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
