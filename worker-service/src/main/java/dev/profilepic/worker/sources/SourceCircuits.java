package dev.profilepic.worker.sources;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.stereotype.Component;

/**
 * A circuit breaker for each gateway, shared by all instances that use the gateway. Failures for
 * which WhatsApp, an instance or its credential is to blame do not count here. Only the most used
 * circuit breakers are kept.
 */
@Component
final class SourceCircuits {

  private static final int MOST_GATEWAYS = 1000;

  private record Key(String kind, String url) {}

  private final CircuitBreakerConfig config;
  private final Cache<Key, CircuitBreaker> breakers =
      Caffeine.newBuilder().maximumSize(MOST_GATEWAYS).build();

  SourceCircuits(CircuitBreakerRegistry registry, MeterRegistry meters) {
    Gauge.builder("profilepic.source.circuits.open", this, SourceCircuits::open)
        .description(
            "Gateways other than our bridge that this worker does not ask, because calls fail")
        .register(meters);
    this.config = registry.getConfiguration("source").orElseGet(registry::getDefaultConfig);
  }

  CircuitBreaker of(Target target) {
    return breakers.get(
        new Key(target.kind().id(), target.url()), key -> CircuitBreaker.of("source", config));
  }

  private long open() {
    return breakers.asMap().values().stream()
        .filter(breaker -> breaker.getState() == State.OPEN)
        .count();
  }
}
