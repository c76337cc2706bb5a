package dev.profilepic.worker.bridge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * A circuit breaker for each WhatsApp instance. An instance is not asked while it is disconnected,
 * is unknown to the bridge or gets no answers. Throttling does not open its circuit, because a
 * throttled instance is connected. A bridge that is away does not open the circuit either, because
 * its absence says nothing about its instances.
 *
 * <p>Messages may name any instance, so only the most used circuits are kept, and no circuit has
 * its own metrics. A circuit that was dropped starts closed again.
 */
@Component
public class InstanceCircuits {

  private static final int MOST_INSTANCES = 10_000;

  /**
   * The state of an instance's circuit.
   *
   * @param openFor the time that an open circuit still stays open
   * @param version rises with each change
   */
  public record Standing(String instanceId, State state, Duration openFor, int version) {}

  private final CircuitBreakerConfig config;
  private final InstantSource clock;
  private final Cache<String, InstanceCircuit> circuits;

  @Autowired
  InstanceCircuits(CircuitBreakerRegistry breakers, InstantSource clock) {
    this(breakers.getConfiguration("instance").orElseThrow(), clock, MOST_INSTANCES);
  }

  InstanceCircuits(CircuitBreakerConfig config, InstantSource clock, int most) {
    this.config = CircuitBreakerConfig.from(config).clock(clock.withZone(ZoneOffset.UTC)).build();
    this.clock = clock;
    this.circuits = Caffeine.newBuilder().maximumSize(most).build();
  }

  /** Asks, unless the instance's circuit is open. */
  public Lookup guard(String instanceId, LookupCircuit.Question question)
      throws InterruptedException {
    return circuits.get(instanceId, id -> new InstanceCircuit(id, config, clock)).guard(question);
  }

  /**
   * Returns the standings that were not reported yet. These are the standings of circuits that
   * changed, and of new circuits that have worked, because an earlier worker may have left these
   * open.
   */
  public List<Standing> news() {
    return circuits.asMap().values().stream()
        .filter(InstanceCircuit::hasNews)
        .map(InstanceCircuit::standing)
        .toList();
  }

  /** Notes that the standing was reported. A later change is reported again. */
  public void told(Standing standing) {
    var circuit = circuits.getIfPresent(standing.instanceId());
    if (circuit != null) {
      circuit.told(standing.version());
    }
  }

  /** Closes an instance's circuit and resets its counts, because another source will be asked. */
  public void startAnew(String instanceId) {
    var circuit = circuits.getIfPresent(instanceId);
    if (circuit != null) {
      circuit.startAnew();
    }
  }

  /** Returns whether an instance's circuit is open now. */
  public boolean isOpen(String instanceId) {
    var circuit = circuits.getIfPresent(instanceId);
    return circuit != null && circuit.isOpen();
  }

  /** Returns how many circuits are open. */
  public long open() {
    return circuits.asMap().values().stream().filter(InstanceCircuit::isOpen).count();
  }

  /** Returns how many instances have a circuit at the moment. */
  long known() {
    circuits.cleanUp();
    return circuits.estimatedSize();
  }
}
