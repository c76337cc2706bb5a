package dev.profilepic.worker.exchanges;

import java.time.Duration;
import org.apache.hc.client5.http.classic.HttpClient;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;

/**
 * HTTP clients that do one exchange as it is asked for: no retries, which are the queue's business,
 * no redirects, cookies, cached credentials or decompression. Used directly: a RestClient around
 * one costs a third of a lookup's CPU.
 */
public final class HttpClients {

  /** Four times the messages that run at once by default; a further call waits for a connection. */
  private static final int MOST_CONNECTIONS = 512;

  private HttpClients() {}

  /**
   * @param settings which addresses may be connected to, for example
   * @param readTimeout for each read; {@link ExchangeDeadlines} bound the whole exchange
   */
  public static HttpClient create(
      HttpClientSettings settings, Duration connectTimeout, Duration readTimeout) {
    return ClientHttpRequestFactoryBuilder.httpComponents()
        .withConnectionManagerCustomizer(
            // To one host as well as in all; the default is 5 to one.
            pool -> pool.setMaxConnTotal(MOST_CONNECTIONS).setMaxConnPerRoute(MOST_CONNECTIONS))
        .withHttpClientCustomizer(client ->
            client
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression())
        .build(
            settings
                .withRedirects(HttpRedirects.DONT_FOLLOW)
                .withConnectTimeout(connectTimeout)
                .withReadTimeout(readTimeout))
        .getHttpClient();
  }
}
