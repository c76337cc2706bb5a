package dev.profilepic.worker.bridge;

import dev.profilepic.worker.FakeBridge;
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

/** The worker's client of the bridge, and a bridge that answers as a test says. */
abstract class BridgeTest {

  final CountDownLatch closed = new CountDownLatch(1);
  FakeBridge bridge;
  BridgeClient client;

  static BridgeClient client(String url) {
    var properties = new BridgeProperties(URI.create(url), "test-token", Duration.ofMillis(700));
    var breakers =
        CircuitBreakerRegistry.of(
            CircuitBreakerConfig.custom().slidingWindowSize(4).minimumNumberOfCalls(4).build());
    return new BridgeClient(
        new BridgeConfiguration().bridgeHttp(properties),
        properties,
        breakers,
        new InstanceCircuits(
            CircuitBreakerConfig.custom().slidingWindowSize(10).minimumNumberOfCalls(5).build(),
            InstantSource.system(),
            100),
        new ExchangeDeadlines(),
        new LookupTimer(new SimpleMeterRegistry()));
  }

  @BeforeEach
  void start() {
    bridge = new FakeBridge();
    client = client(bridge.url());
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
