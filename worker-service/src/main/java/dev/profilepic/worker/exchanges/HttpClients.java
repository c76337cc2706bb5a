package dev.profilepic.worker.exchanges;

import java.time.Duration;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.routing.HttpRoutePlanner;
import org.apache.hc.core5.http.config.Http1Config;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;

/**
 * HTTP clients that make a single exchange. They do no retries, because the queue retries, and no
 * redirects, cookies, cached credentials or decompression. They are used directly, because a
 * RestClient around a client costs a third of a lookup's CPU.
 */
public final class HttpClients {

  /** Four times the messages that run at once by default; a further call waits for a connection. */
  private static final int MOST_CONNECTIONS = 512;

  /**
   * Each connection keeps three buffers of this size for as long as it is open, and a busy worker
   * has hundreds of connections open. Headers fit; a longer body bypasses the buffer.
   */
  private static final int BUFFER_BYTES = 4_096;

  /**
   * Ignores the proxy that Java's system properties may name. Of a call through a proxy, a filter
   * of addresses sees only the proxy's address.
   */
  private static final HttpRoutePlanner DIRECT = new DefaultRoutePlanner(null);

  private HttpClients() {}

  /**
   * @param settings for example the addresses that may be connected to; then the client uses no
   *     proxy
   * @param readTimeout for each read; {@link ExchangeDeadlines} bound the whole exchange
   */
  public static HttpClient create(
      HttpClientSettings settings, Duration connectTimeout, Duration readTimeout) {
    return ClientHttpRequestFactoryBuilder.httpComponents()
        .withConnectionManagerCustomizer(
            // The limit for one host, and for all hosts. The default is 5 for one host.
            pool ->
                pool.setMaxConnTotal(MOST_CONNECTIONS)
                    .setMaxConnPerRoute(MOST_CONNECTIONS)
                    .setConnectionFactory(
                        ManagedHttpClientConnectionFactory.builder()
                            .http1Config(Http1Config.custom().setBufferSize(BUFFER_BYTES).build())
                            .build()))
        .withHttpClientCustomizer(client -> {
          if (settings.inetAddressFilter() != null) {
            client.setRoutePlanner(DIRECT);
          }
          client
              .disableAutomaticRetries()
              .disableCookieManagement()
              .disableAuthCaching()
              .disableContentCompression()
              .addExecInterceptorAfter(
                  ChainElement.CONNECT.name(), "sending", Exchange.NOTE_SENDING);
        })
        .build(
            settings
                .withRedirects(HttpRedirects.DONT_FOLLOW)
                .withConnectTimeout(connectTimeout)
                .withReadTimeout(readTimeout))
        .getHttpClient();
  }
}
