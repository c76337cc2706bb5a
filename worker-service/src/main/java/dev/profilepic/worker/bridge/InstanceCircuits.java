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
 * A circuit breaker for each WhatsApp instance: while a number is disconnected, unknown to the
 * bridge or does not get answers, it is not asked. A throttled one is connected, and a bridge that
 * is away says nothing of its instances.
 *
 * <p>Messages may name any instance, so only the most used circuits are kept, and none has metrics
 * of its own. A circuit that was dropped starts closed again.
 */
@Component
public class InstanceCircuits {

  private static final int MOST_INSTANCES = 10_000;

  /** Something to ask an instance. */
  @FunctionalInterface
  public interface Question {
    Lookup ask() throws InterruptedException;
  }

  /**
   * How an instance's circuit stands.
   *
   * @param openFor how long an open one stays open yet
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
    this.config =
        CircuitBreakerConfig.from(config)
            .clock(clock.withZone(ZoneOffset.UTC))
            .recordResult(InstanceCircuit::isFailure)
            .build();
    this.clock = clock;
    this.circuits = Caffeine.newBuilder().maximumSize(most).build();
  }

  /** Asks, unless the instance's circuit is open. */
  public Lookup guard(String instanceId, Question question) throws InterruptedException {
    return circuits.get(instanceId, id -> new InstanceCircuit(id, config, clock)).guard(question);
  }

  /**
   * The circuits whose standing nobody was told of yet: those that changed, and new ones that have
   * worked, since an earlier worker may have left them open.
   */
  public List<Standing> news() {
    return circuits.asMap().values().stream()
        .filter(InstanceCircuit::hasNews)
        .map(InstanceCircuit::standing)
        .toList();
  }

  /** The standing has been told; what changed after it is still news. */
  public void told(Standing standing) {
    var circuit = circuits.getIfPresent(standing.instanceId());
    if (circuit != null) {
      circuit.told(standing.version());
    }
  }

  /** Closes an instance's circuit and forgets what was counted: another source will be asked. */
  public void startAnew(String instanceId) {
    var circuit = circuits.getIfPresent(instanceId);
    if (circuit != null) {
      circuit.startAnew();
    }
  }

  /** Whether an instance's circuit is open now. */
  public boolean isOpen(String instanceId) {
    var circuit = circuits.getIfPresent(instanceId);
    return circuit != null && circuit.isOpen();
  }

  /** How many circuits are open. */
  public long open() {
    return circuits.asMap().values().stream().filter(InstanceCircuit::isOpen).count();
  }

  /** How many instances have a circuit at the moment. */
  long known() {
    circuits.cleanUp();
    return circuits.estimatedSize();
  }
}
