package dev.profilepic.worker.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.FakeBridge.Answer;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.core.IntervalFunction;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Circuits of instances around a real HTTP client. The test sets the time. */
class InstanceCircuitsTest {

  private static final int ENOUGH = 5;
  private static final Answer DISCONNECTED = FakeBridge.json(503, "{\"status\":\"disconnected\"}");
  private static final Answer WORKS = FakeBridge.json(200, "{\"status\":\"not_set\"}");

  private Instant now = Instant.parse("2026-11-22T12:00:00Z");
  private FakeBridge bridge;
  private InstanceCircuits circuits;
  private BridgeClient client;

  @BeforeEach
  void start() {
    bridge = new FakeBridge();
    circuits = circuits(100);
    client = client(circuits);
  }

  @AfterEach
  void stop() {
    bridge.close();
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(503, "{\"status\":\"disconnected\"}"),
        Arguments.of(504, "{\"status\":\"no_answer\"}"),
        Arguments.of(404, "{\"status\":\"unknown_instance\"}"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void anInstanceWhoseLookupsFailIsAskedNoMore(int status, String body) throws Exception {
    bridge.allOtherLookups(FakeBridge.json(status, body));
    ask("down", ENOUGH);

    assertThat(client.find("down", "5562999212484", null, queries -> {}))
        .isEqualTo(new Lookup.InstanceDown("the instance's circuit breaker is open"));
    assertThat(bridge.asked()).isEqualTo(ENOUGH);
  }

  @Test
  void anotherInstanceIsAskedAsEver() throws Exception {
    bridge.allOtherLookups(DISCONNECTED);
    ask("down", ENOUGH);
    bridge.allOtherLookups(WORKS);

    assertThat(client.find("up", "5562999212484", null, queries -> {}))
        .isInstanceOf(Lookup.NotSet.class);
  }

  @Test
  void anInstanceThatIsThrottledIsConnected() throws Exception {
    bridge.allOtherLookups(FakeBridge.throttled(1));
    ask("demo", 20);

    assertThat(bridge.asked()).isEqualTo(20);
    assertThat(circuits.open()).isZero();
  }

  @Test
  void aBridgeThatIsAwaySaysNothingOfItsInstances() throws Exception {
    bridge.allOtherLookups(FakeBridge.json(502, ""));
    ask("demo", 20);

    assertThat(circuits.open()).isZero();
    assertThat(circuits.news()).isEmpty();
  }

  @Test
  void oneLookupIsTriedAfterAWhileAndItsSuccessClosesTheCircuit() throws Exception {
    bridge.allOtherLookups(DISCONNECTED);
    ask("demo", ENOUGH);
    bridge.allOtherLookups(WORKS);

    now = now.plusSeconds(6);
    ask("demo", 20);

    assertThat(bridge.asked()).isEqualTo(ENOUGH + 20);
    assertThat(standing()).isEqualTo(State.CLOSED);
  }

  @Test
  void theWaitDoublesWithEachFailureUpToAMinute() throws Exception {
    bridge.allOtherLookups(DISCONNECTED);
    ask("demo", ENOUGH);

    assertThat(openFor()).isEqualTo(Duration.ofSeconds(5));
    for (int seconds : new int[] {10, 20, 40, 60, 60}) {
      now = now.plus(openFor()).plusMillis(1);
      int asked = bridge.asked();
      ask("demo", 3);

      assertThat(bridge.asked()).isEqualTo(asked + 1);
      assertThat(openFor()).isEqualTo(Duration.ofSeconds(seconds));
    }
  }

  @Test
  void aTrialThatTheBridgeDidNotAnswerIsNoTrial() throws Exception {
    bridge.allOtherLookups(DISCONNECTED);
    ask("demo", ENOUGH);
    now = now.plusSeconds(6);
    bridge.allOtherLookups(FakeBridge.json(500, ""));
    ask("demo", 1);
    bridge.allOtherLookups(WORKS);

    assertThat(client.find("demo", "5562999212484", null, queries -> {}))
        .isInstanceOf(Lookup.NotSet.class);
  }

  @Test
  void whatWasToldIsNoNewsUntilItChanges() throws Exception {
    ask("demo", 1);
    assertThat(standing()).isEqualTo(State.CLOSED);
    circuits.news().forEach(circuits::told);
    ask("demo", 10);
    assertThat(circuits.news()).isEmpty();

    bridge.allOtherLookups(DISCONNECTED);
    ask("demo", 10);
    assertThat(standing()).isEqualTo(State.OPEN);
  }

  @Test
  void messagesThatNameAnythingDoNotFillTheMemory() throws Exception {
    var few = circuits(10);
    for (int i = 0; i < 1000; i++) {
      few.guard("made-up-" + i, () -> new Lookup.InstanceDown("unknown"));
    }

    assertThat(few.known()).isLessThanOrEqualTo(10);
  }

  private void ask(String instance, int times) throws InterruptedException {
    for (int i = 0; i < times; i++) {
      client.find(instance, "5562999212484", null, queries -> {});
    }
  }

  private State standing() {
    return circuits.news().getFirst().state();
  }

  private Duration openFor() {
    return circuits.news().getFirst().openFor();
  }

  private InstanceCircuits circuits(int most) {
    var config =
        CircuitBreakerConfig.custom()
            .slidingWindowSize(10)
            .minimumNumberOfCalls(ENOUGH)
            .failureRateThreshold(60)
            .permittedNumberOfCallsInHalfOpenState(1)
            .waitIntervalFunctionInOpenState(
                IntervalFunction.ofExponentialBackoff(
                    Duration.ofSeconds(5), 2, Duration.ofSeconds(60)))
            .build();
    return new InstanceCircuits(config, () -> now, most);
  }

  private BridgeClient client(InstanceCircuits circuits) {
    return new BridgeClient(
        BridgeTest.http(bridge.url(), Duration.ofSeconds(5)),
        CircuitBreakerRegistry.ofDefaults(),
        circuits,
        new LookupTimer(new SimpleMeterRegistry()));
  }
}
