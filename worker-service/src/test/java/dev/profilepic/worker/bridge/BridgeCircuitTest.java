package dev.profilepic.worker.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.TricklingServer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The client gives up on a bridge that fails, hangs or trickles. The bridge's circuit opens when
 * the fault is the bridge's own.
 */
class BridgeCircuitTest extends BridgeTest {

  private static final Duration SHORT = Duration.ofMillis(700);

  @Test
  void aBridgeThatIsAwayOpensTheCircuitBreakerAndIsAskedNoMore() throws Exception {
    bridge.allOtherLookups(FakeBridge.json(500, ""));
    for (int i = 0; i < 4; i++) {
      client.find("demo", "5562999212484", null, queries -> {});
    }
    int asked = bridge.asked();

    assertThat(client.find("demo", "5562999212484", null, queries -> {}))
        .isEqualTo(new Lookup.BridgeDown("the circuit breaker is open"));
    assertThat(bridge.asked()).isEqualTo(asked);
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 429, 503, 504})
  void answersThatAreNoFaultOfTheBridgeKeepItsCircuitClosed(int status) throws Exception {
    bridge.allOtherLookups(FakeBridge.json(status, "{}"));
    for (int i = 0; i < 20; i++) {
      client.find("instance-" + i, "5562999212484", null, queries -> {});
    }

    assertThat(bridge.asked()).isEqualTo(20);
  }

  @Test
  void aQuestionThatTheBridgeItselfRefusesKeepsItsCircuitClosed() throws Exception {
    bridge.allOtherLookups(FakeBridge.json(400, "{\"status\":\"bad_request\"}"));
    for (int i = 0; i < 20; i++) {
      client.find("demo", "5562999212484", null, queries -> {});
    }

    assertThat(bridge.asked()).isEqualTo(20);
  }

  /** A client error without the bridge's own words comes from something in front of it. */
  @ParameterizedTest
  @ValueSource(ints = {400, 401, 402, 403, 405, 407, 409, 413, 414, 421, 422, 431, 499, 500, 502})
  void failuresOfTheBridgeAndOfTheWayToItOpenItsCircuit(int status) throws Exception {
    bridge.allOtherLookups(FakeBridge.json(status, "{}"));
    for (int i = 0; i < 20; i++) {
      client.find("instance-" + i, "5562999212484", null, queries -> {});
    }

    assertThat(bridge.asked()).isEqualTo(4);
  }

  @Test
  void aNumberThatHangsOpensItsOwnCircuitAndNotTheBridges() throws Exception {
    client = client(bridge.url(), SHORT);
    bridge.lookup("5562999210000", exchange -> pause());

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var hanging =
          Stream.generate(() -> threads.submit(() -> find("hangs", "5562999210000")))
              .limit(12)
              .toList();
      for (var each : hanging) {
        assertThat(each.get()).isInstanceOf(Lookup.BridgeDown.class);
      }
    }

    assertThat(find("works", "5562999212484")).isInstanceOf(Lookup.NotSet.class);
    assertThat(find("hangs", "5562999212484"))
        .isEqualTo(new Lookup.InstanceDown("the instance's circuit breaker is open"));
  }

  @Test
  void aBridgeThatHangsForAllOpensItsCircuit() throws Exception {
    client = client(bridge.url(), SHORT);
    bridge.allOtherLookups(exchange -> pause());

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 12; i++) {
        var instance = "instance-" + i;
        threads.submit(() -> find(instance, "5562999212484"));
      }
    }

    assertThat(find("another", "5562999212484"))
        .isEqualTo(new Lookup.BridgeDown("the circuit breaker is open"));
  }

  /** Waits until the bridge is closed. */
  private void pause() {
    try {
      closed.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aBridgeThatHangsIsGivenUp() throws Exception {
    client = client(bridge.url(), SHORT);
    var release = new CountDownLatch(1);
    bridge.allOtherLookups(exchange -> {
      try {
        release.await();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    });

    assertThat(client.find("demo", "5562999212484", null, queries -> {}))
        .isInstanceOf(Lookup.BridgeDown.class);
    release.countDown();
  }

  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  @ParameterizedTest
  @EnumSource
  void aBridgeThatTricklesIsGivenUpWhateverItTrickles(TricklingServer.Kind kind) throws Exception {
    try (var server = new TricklingServer(kind)) {
      var trickling = client(server.url(), SHORT);

      assertThat(trickling.find("demo", "5562999212484", null, queries -> {}))
          .isInstanceOf(Lookup.BridgeDown.class);
      assertThat(overview(server.url()).anyOpenInstance()).isEmpty();
    }
  }
}
