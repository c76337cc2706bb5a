package dev.profilepic.worker.sources;

import dev.profilepic.contract.PublicAddresses;
import dev.profilepic.contract.SecretFiles;
import dev.profilepic.contract.SourceUrlPolicy;
import dev.profilepic.worker.bridge.BridgeClient;
import dev.profilepic.worker.bridge.BridgeProperties;
import dev.profilepic.worker.bridge.InstanceCircuits;
import dev.profilepic.worker.bridge.LookupTimer;
import dev.profilepic.worker.exchanges.BodyBudget;
import dev.profilepic.worker.exchanges.ExchangeDeadlines;
import dev.profilepic.worker.exchanges.FencedHttp;
import dev.profilepic.worker.exchanges.HttpClients;
import java.time.Duration;
import org.apache.hc.client5.http.classic.HttpClient;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class SourceConfiguration {

  /**
   * Short, because gateways are near or have good lines, and a gateway that is away should open its
   * circuit soon.
   */
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /**
   * An answer may hold the picture itself, in base64: at 640 pixels, WhatsApp's pictures have about
   * 100 KB and never more than 1.5 MB.
   */
  private static final int MOST_BYTES = 2 * 1024 * 1024;

  @Bean
  SourceUrlPolicy sourceUrlPolicy(SourceProperties properties) {
    return new SourceUrlPolicy(properties.trustedOrigins());
  }

  @Bean
  FencedHttp fencedHttp(
      SourceProperties properties,
      SourceUrlPolicy policy,
      ExchangeDeadlines deadlines,
      BodyBudget memory) {
    var settings = HttpClientSettings.defaults();
    return new FencedHttp(
        client(properties, settings.withInetAddressFilter(PublicAddresses::include)),
        client(properties, settings),
        policy,
        deadlines,
        memory,
        MOST_BYTES);
  }

  @Bean
  SourceFactory sourceFactory(
      SourceProperties properties,
      SourceUrlPolicy policy,
      FencedHttp http,
      BridgeClient bridge,
      BridgeProperties bridgeProperties,
      InstanceCircuits instances,
      SourceCircuits circuits,
      LookupTimer timer) {
    requireToken(properties, bridgeProperties);
    return new SourceFactory(
        properties,
        policy,
        http,
        bridge,
        instances,
        circuits,
        timer,
        SecretFiles.over(System.getenv())::get);
  }

  /** Requires the bridge's token, unless another gateway is asked for all pictures. */
  static void requireToken(SourceProperties properties, BridgeProperties bridge) {
    if (properties.ofAllOthers().isBridge() && bridge.token().isBlank()) {
      throw new IllegalStateException(
          "profile-pic.bridge.token must be the bridge's Bearer token (PROFILE_PIC_BRIDGE_TOKEN),"
              + " unless profile-pic.sources.of-all-others (PROFILE_PIC_SOURCE_KIND) names another"
              + " gateway");
    }
  }

  private static HttpClient client(SourceProperties properties, HttpClientSettings settings) {
    return HttpClients.create(settings, CONNECT_TIMEOUT, properties.timeout());
  }
}
