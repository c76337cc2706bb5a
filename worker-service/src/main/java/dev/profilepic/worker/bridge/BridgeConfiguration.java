package dev.profilepic.worker.bridge;

import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.web.client.RestClient;

@Configuration(proxyBeanMethods = false)
class BridgeConfiguration {

  /**
   * Boot's default pool is 5 connections per route; retries are the queue's business, not the
   * client's.
   */
  @Bean
  RestClient bridgeHttp(RestClient.Builder builder, BridgeProperties properties) {
    var requests =
        ClientHttpRequestFactoryBuilder.httpComponents()
            .withConnectionManagerCustomizer(pool ->
                pool.setMaxConnTotal(properties.maxConnections())
                    .setMaxConnPerRoute(properties.maxConnections()))
            .withHttpClientCustomizer(
                client -> client.disableAutomaticRetries().disableCookieManagement())
            .build(
                HttpClientSettings.defaults()
                    .withRedirects(HttpRedirects.DONT_FOLLOW)
                    .withConnectTimeout(properties.connectTimeout())
                    .withReadTimeout(properties.timeout()));
    return builder
        .requestFactory(requests)
        .baseUrl(properties.url())
        .defaultHeader(HttpHeaders.AUTHORIZATION, "Bearer " + properties.token())
        .build();
  }
}
