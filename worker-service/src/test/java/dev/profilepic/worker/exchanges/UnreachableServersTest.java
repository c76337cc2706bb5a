package dev.profilepic.worker.exchanges;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.profilepic.worker.LoopbackServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.InetAddressFilter;

/** Only a server that may have got the request can leave it unanswered. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UnreachableServersTest {

  private static final Duration LONG = Duration.ofSeconds(50);
  private static final Duration SHORT = Duration.ofMillis(300);

  /** As a resolver whose servers are silent: it fails long after the deadline. */
  @Test
  void aNameThatIsNotResolvedUntilAfterTheDeadlineIsUnknownAndNotUnanswered() {
    var request = new HttpGet("http://127.0.0.1:1/");
    var http =
        http(address -> {
          await().atMost(LONG).until(request::isAborted);
          throw UnreachableServersTest.<RuntimeException>unchecked(
              new UnknownHostException("gateway.example"));
        });

    assertThatThrownBy(() -> http.exchange(request, false, Deadline.in(SHORT)))
        .isInstanceOf(UnknownHostException.class);
  }

  /** Accepts connections and never says a word, so no TLS comes about. */
  @Test
  void aServerWithWhichNoTlsComesAboutCannotBeReached() throws Exception {
    try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var request = new HttpGet("https://127.0.0.1:" + silent.getLocalPort());

      assertThatThrownBy(() -> http(any -> true).exchange(request, false, Deadline.in(SHORT)))
          .isInstanceOf(ConnectTimeoutException.class);
    }
  }

  @Test
  void aServerThatTookTheRequestLeftItUnanswered() {
    var rest = new CountDownLatch(1);
    try (var server =
        new LoopbackServer(exchange -> {
          try {
            rest.await();
          } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
          }
        })) {
      assertThatThrownBy(() ->
              http(any -> true).exchange(new HttpGet(server.url()), false, Deadline.in(SHORT)))
          .isInstanceOfSatisfying(
              SocketTimeoutException.class,
              late -> assertThat(late).isNotInstanceOf(ConnectTimeoutException.class));
      rest.countDown();
    }
  }

  private static FencedHttp http(InetAddressFilter filter) {
    var client =
        HttpClients.create(HttpClientSettings.defaults().withInetAddressFilter(filter), LONG, LONG);
    return TestHttp.with(client);
  }

  /** Lets a filter of addresses fail as the resolver around it does. */
  @SuppressWarnings("unchecked")
  private static <E extends Exception> RuntimeException unchecked(IOException failure) throws E {
    throw (E) failure;
  }
}
