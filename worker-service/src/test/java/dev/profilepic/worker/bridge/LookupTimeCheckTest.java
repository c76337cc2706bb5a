package dev.profilepic.worker.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.RunningWorker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class LookupTimeCheckTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private FakeBridge bridge;

  @BeforeEach
  void start() {
    bridge = new FakeBridge();
  }

  @AfterEach
  void stop() {
    bridge.close();
  }

  @ParameterizedTest
  @CsvSource({"20000", "33000"})
  void aBridgeThatMayTakeAsLongAsWeWaitIsToldWithTheRemedy(int longest, CapturedOutput output) {
    says(longest);

    check(bridge.url()).look();

    assertThat(output.getOut())
        .contains(
            "ERROR",
            "the bridge takes up to " + longest + " ms for a lookup, and we wait for 20000 ms",
            "PROFILE_PIC_BRIDGE_TIMEOUT",
            "BRIDGE_LOOKUP_MAX_WAIT_MS");
    assertThat(seconds("profilepic.bridge.longest.lookup")).isEqualTo(longest / 1000.0);
    assertThat(seconds("profilepic.bridge.timeout")).isEqualTo(20);
  }

  @Test
  void aBridgeThatAnswersInTimeIsNoError(CapturedOutput output) {
    says(19_999);

    check(bridge.url()).look();

    assertThat(output.getOut()).contains("up to 19999 ms").doesNotContain("ERROR");
  }

  @Test
  void itIsToldOnceAndAgainWhenTheBridgeChanges(CapturedOutput output) {
    var check = check(bridge.url());

    says(33_000);
    check.look();
    check.look();
    says(11_000);
    check.look();
    says(34_000);
    check.look();

    assertThat(output.getOut().lines().filter(line -> line.contains("ERROR"))).hasSize(2);
    assertThat(seconds("profilepic.bridge.longest.lookup")).isEqualTo(34);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"instances\":[]}",
        "{\"longest_lookup_ms\":\"long\"}",
        "{\"longest_lookup_ms\":1e99}",
        "[]",
        "<html>"
      })
  void aBridgeThatDoesNotSayItIsUnknown(String answer, CapturedOutput output) {
    bridge.overview(FakeBridge.json(200, answer));

    check(bridge.url()).look();

    assertThat(seconds("profilepic.bridge.longest.lookup")).isNaN();
    assertThat(output.getOut()).doesNotContain("ERROR");
  }

  @Test
  void aBridgeThatIsAwayIsAskedAgain(CapturedOutput output) {
    int port = bridge.port();
    bridge.close();
    var check = check("http://127.0.0.1:" + port);
    check.look();
    assertThat(seconds("profilepic.bridge.longest.lookup")).isNaN();

    bridge = new FakeBridge(port);
    says(33_000);
    check.look();

    assertThat(output.getOut()).contains("up to 33000 ms");
  }

  @Test
  void aWorkerAsksAtItsStartAndTellsPrometheus(CapturedOutput output) throws Exception {
    says(33_000);
    try (var database = TestDatabase.migrated();
        var worker = RunningWorker.start(database, bridge, "profile-pic.default-instance=demo");
        var http = HttpClient.newHttpClient()) {
      await().until(() -> output.getOut().contains("PROFILE_PIC_BRIDGE_TIMEOUT"));

      var metrics = URI.create("http://127.0.0.1:%d/actuator/prometheus".formatted(worker.port()));
      assertThat(http.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString()).body())
          .contains("\nprofilepic_bridge_longest_lookup_seconds 33.0\n")
          .contains("\nprofilepic_bridge_timeout_seconds 20.0\n");
    }
  }

  private void says(int longestMillis) {
    bridge.overview(
        FakeBridge.json(
            200, "{\"instances\":[],\"longest_lookup_ms\":%d}".formatted(longestMillis)));
  }

  private double seconds(String gauge) {
    return meters.get(gauge).timeGauge().value(TimeUnit.SECONDS);
  }

  private LookupTimeCheck check(String url) {
    var properties = new BridgeProperties(URI.create(url), "test-token", TIMEOUT);
    return new LookupTimeCheck(
        new BridgeOverview(BridgeTest.http(url, TIMEOUT)), properties, meters);
  }
}
