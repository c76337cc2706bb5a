package dev.profilepic.worker.exchanges;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.worker.LoopbackServer;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.http.client.FilteredHostException;
import org.springframework.boot.http.client.HttpClientSettings;

/** A proxy that Java's system properties name leads nobody through the fences. */
class ProxyPropertiesTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final Properties before = new Properties();
  private final LoopbackServer proxy =
      new LoopbackServer(exchange -> {
        try (exchange) {
          asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
          exchange.sendResponseHeaders(200, -1);
        }
      });

  @BeforeEach
  void nameTheProxy() {
    before.putAll(System.getProperties());
    var port = Integer.toString(URI.create(proxy.url()).getPort());
    for (var scheme : List.of("http", "https")) {
      System.getProperties()
          .putAll(Map.of(scheme + ".proxyHost", "127.0.0.1", scheme + ".proxyPort", port));
    }
    System.setProperty("http.nonProxyHosts", "none");
  }

  @AfterEach
  void restore() {
    System.setProperties(before);
    proxy.close();
  }

  @Test
  void aForbiddenAddressIsNotAskedForThroughAProxyThatMayBeReached() {
    for (var url : List.of("http://169.254.169.254/", "https://169.254.169.254/")) {
      assertThatThrownBy(() -> fenced().exchange(new HttpGet(url), true, Deadline.in(LONG)))
          .isInstanceOf(FilteredHostException.class);
    }
    assertThat(asked).isEmpty();
  }

  private static FencedHttp fenced() {
    var settings = HttpClientSettings.defaults();
    return TestHttp.with(
        HttpClients.create(
            settings.withInetAddressFilter(InetAddress::isLoopbackAddress), LONG, LONG),
        HttpClients.create(settings, LONG, LONG));
  }
}
