package dev.profilepic.worker.bridge;

import dev.profilepic.worker.exchanges.HttpClients;
import org.apache.hc.client5.http.classic.HttpClient;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class BridgeConfiguration {

  @Bean
  HttpClient bridgeHttp(BridgeProperties properties) {
    return HttpClients.create(
        HttpClientSettings.defaults(),
        properties.maxConnections(),
        properties.connectTimeout(),
        properties.timeout());
  }
}
