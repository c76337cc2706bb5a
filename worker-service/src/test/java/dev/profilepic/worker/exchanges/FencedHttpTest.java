package dev.profilepic.worker.exchanges;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.worker.TricklingServer;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.http.client.HttpClientSettings;

class FencedHttpTest {

  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  @ParameterizedTest
  @EnumSource
  void aGatewayThatTricklesIsGivenUpWhateverItTrickles(TricklingServer.Kind kind) {
    var client =
        HttpClients.create(
            HttpClientSettings.defaults(), Duration.ofSeconds(2), Duration.ofSeconds(2));
    var http = TestHttp.with(client);

    try (var server = new TricklingServer(kind)) {
      assertThatThrownBy(() ->
              http.exchange(new HttpGet(server.url()), false, Deadline.in(Duration.ofMillis(500))))
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessageStartingWith("not answered within");
    }
  }
}
