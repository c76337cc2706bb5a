package dev.profilepic.worker.bridge;

import dev.profilepic.worker.bridge.LookupCircuit.Effect;
import dev.profilepic.worker.bridge.LookupCircuit.Question;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;

/** The circuit breaker of an instance, and the newest version of its standing that was reported. */
final class InstanceCircuit {

  private static final Lookup OPEN =
      new Lookup.InstanceDown("the instance's circuit breaker is open");

  private final String instanceId;
  private final CircuitBreaker breaker;
  private final InstantSource clock;
  private final AtomicInteger version = new AtomicInteger();
  private final AtomicInteger openings = new AtomicInteger();
  private volatile Instant openUntil = Instant.MIN;
  private volatile int told;

  InstanceCircuit(String instanceId, CircuitBreakerConfig config, InstantSource clock) {
    this.instanceId = instanceId;
    this.clock = clock;
    this.breaker = CircuitBreaker.of(instanceId, config);
    breaker.getEventPublisher().onStateTransition(event -> changed(event.getStateTransition()));
  }

  Lookup guard(Question question) throws InterruptedException {
    return LookupCircuit.ask(breaker, OPEN, this::effect, question);
  }

  void startAnew() {
    // A transition from closed to closed would do nothing.
    if (breaker.getState() == State.CLOSED) {
      breaker.reset();
    } else {
      breaker.transitionToClosedState();
    }
  }

  boolean hasNews() {
    return version.get() != told;
  }

  InstanceCircuits.Standing standing() {
    // The version comes first, so that a change in between is reported again instead of never.
    int now = version.get();
    var left = Duration.between(clock.instant(), openUntil);
    return new InstanceCircuits.Standing(
        instanceId, breaker.getState(), left.isPositive() ? left : Duration.ZERO, now);
  }

  void told(int version) {
    told = version;
  }

  boolean isOpen() {
    return breaker.getState() == State.OPEN;
  }

  private Effect effect(Lookup lookup) {
    return switch (lookup) {
      case Lookup.BridgeDown _, Lookup.Refused _ -> Effect.NONE;
      case Lookup.InstanceDown _, Lookup.NoAnswer _ -> Effect.FAILURE;
      case Lookup.Found _,
          Lookup.Picture _,
          Lookup.Unchanged _,
          Lookup.NotSet _,
          Lookup.Hidden _,
          Lookup.NotOnWhatsapp _,
          Lookup.Unknown _,
          Lookup.Throttled _ -> {
        version.compareAndSet(0, 1);
        yield Effect.SUCCESS;
      }
    };
  }

  private void changed(StateTransition transition) {
    switch (transition.getToState()) {
      case OPEN -> {
        // Counts in the same way as the breaker: the wait grows until the circuit closes.
        long wait =
            breaker
                .getCircuitBreakerConfig()
                .getWaitIntervalFunctionInOpenState()
                .apply(openings.incrementAndGet());
        openUntil = clock.instant().plusMillis(wait);
      }
      case CLOSED -> openings.set(0);
      case HALF_OPEN, DISABLED, METRICS_ONLY, FORCED_OPEN -> {}
    }
    version.incrementAndGet();
  }
}
