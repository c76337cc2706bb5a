package dev.profilepic.worker.bridge;

import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.exchanges.BodyBudget;
import dev.profilepic.worker.exchanges.ExchangeDeadlines;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The worker's client of the bridge, and a bridge with the answers that a test sets. */
abstract class BridgeTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  final CountDownLatch closed = new CountDownLatch(1);
  FakeBridge bridge;
  BridgeClient client;

  static BridgeClient client(String url, Duration timeout) {
    var breakers =
        CircuitBreakerRegistry.of(
            CircuitBreakerConfig.custom().slidingWindowSize(4).minimumNumberOfCalls(4).build());
    return new BridgeClient(
        http(url, timeout),
        breakers,
        new InstanceCircuits(
            CircuitBreakerConfig.custom().slidingWindowSize(10).minimumNumberOfCalls(5).build(),
            InstantSource.system(),
            100),
        new LookupTimer(new SimpleMeterRegistry()));
  }

  static BridgeOverview overview(String url) {
    return new BridgeOverview(http(url, TIMEOUT));
  }

  static BridgeHttp http(String url, Duration timeout) {
    var properties = new BridgeProperties(URI.create(url), "test-token", timeout);
    return new BridgeHttp(
        new BridgeConfiguration().bridgeHttpClient(properties),
        properties,
        new ExchangeDeadlines(),
        new BodyBudget());
  }

  @BeforeEach
  void start() {
    bridge = new FakeBridge();
    client = client(bridge.url(), TIMEOUT);
  }

  @AfterEach
  void stop() {
    closed.countDown();
    bridge.close();
  }

  Lookup find(String instance, String phone) throws InterruptedException {
    return client.find(instance, phone, null, queries -> {});
  }
}
