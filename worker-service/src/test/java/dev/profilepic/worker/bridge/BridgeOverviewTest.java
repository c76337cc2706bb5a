package dev.profilepic.worker.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.worker.FakeBridge;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever a bridge answers about itself, callers learn something or nothing. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BridgeOverviewTest extends BridgeTest {

  @Test
  void anAnswerWithoutABodySaysNothing() {
    bridge.overview(FakeBridge.bytes(204, "application/json", new byte[0]));

    assertThatNothingIsKnown();
  }

  /** With a long timeout, so that the length ends it and not the clock. */
  @Test
  void anEndlessListSaysNothing() {
    bridge.overview(exchange -> {
      exchange.sendResponseHeaders(200, 0);
      var body = exchange.getResponseBody();
      body.write("{\"instances\":[".getBytes(StandardCharsets.US_ASCII));
      var entry =
          "{\"id\":\"a\",\"state\":\"qr\"},".repeat(1000).getBytes(StandardCharsets.US_ASCII);
      // The loop ends when the worker hangs up, because writing then fails.
      while (closed.getCount() > 0) {
        body.write(entry);
      }
    });
    var patient = new BridgeOverview(http(bridge.url(), Duration.ofSeconds(50)));

    assertThat(patient.anyOpenInstance()).isEmpty();
    assertThat(patient.budgets()).isEmpty();
  }

  private void assertThatNothingIsKnown() {
    assertThat(overview(bridge.url()).anyOpenInstance()).isEmpty();
    assertThat(overview(bridge.url()).longestLookup()).isEmpty();
    assertThat(overview(bridge.url()).budgets()).isEmpty();
  }
}
