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

  private HttpClients() {}

  /**
   * @param settings which addresses may be connected to, for example
   * @param maxConnections at once, to one host as well as in all; Boot's default is 5 per route
   * @param readTimeout for each read; {@link ExchangeDeadlines} bound the whole exchange
   */
  public static HttpClient create(
      HttpClientSettings settings,
      int maxConnections,
      Duration connectTimeout,
      Duration readTimeout) {
    return ClientHttpRequestFactoryBuilder.httpComponents()
        .withConnectionManagerCustomizer(
            pool -> pool.setMaxConnTotal(maxConnections).setMaxConnPerRoute(maxConnections))
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
