package dev.profilepic.worker.bridge;

import dev.profilepic.worker.exchanges.HttpClients;
import java.time.Duration;
import org.apache.hc.client5.http.classic.HttpClient;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class BridgeConfiguration {

  /** Short, because the bridge is near, and a bridge that is away should open its circuit soon. */
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  @Bean
  HttpClient bridgeHttpClient(BridgeProperties properties) {
    return HttpClients.create(HttpClientSettings.defaults(), CONNECT_TIMEOUT, properties.timeout());
  }
}
