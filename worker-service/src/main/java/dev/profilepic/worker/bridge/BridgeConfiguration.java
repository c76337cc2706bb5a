package dev.profilepic.worker.bridge;

import org.apache.hc.client5.http.classic.HttpClient;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class BridgeConfiguration {

  /**
   * Boot's default pool is 5 connections per route; retries are the queue's business, not the
   * client's. Used directly: a RestClient around it costs a third of a lookup's CPU.
   */
  @Bean
  HttpClient bridgeHttp(BridgeProperties properties) {
    return ClientHttpRequestFactoryBuilder.httpComponents()
        .withConnectionManagerCustomizer(pool ->
            pool.setMaxConnTotal(properties.maxConnections())
                .setMaxConnPerRoute(properties.maxConnections()))
        .withHttpClientCustomizer(client ->
            client
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression())
        .build(
            HttpClientSettings.defaults()
                .withRedirects(HttpRedirects.DONT_FOLLOW)
                .withConnectTimeout(properties.connectTimeout())
                .withReadTimeout(properties.timeout()))
        .getHttpClient();
  }
}
