package dev.profilepic.worker.download;

import dev.profilepic.contract.PublicAddresses;
import dev.profilepic.worker.exchanges.HttpClients;
import java.time.Duration;
import org.apache.hc.client5.http.classic.HttpClient;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class DownloadConfiguration {

  /**
   * Long enough for one lost packet and its repetition, because the CDN is reached over the open
   * internet.
   */
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /**
   * Returns a client that checks the address when the name is resolved, so the name cannot lead
   * elsewhere between check and connection.
   */
  @Bean
  HttpClient publicHosts(DownloadProperties limits) {
    return client(
        limits, HttpClientSettings.defaults().withInetAddressFilter(PublicAddresses::include));
  }

  @Bean
  HttpClient trustedOrigins(DownloadProperties limits) {
    return client(limits, HttpClientSettings.defaults());
  }

  private static HttpClient client(DownloadProperties limits, HttpClientSettings settings) {
    return HttpClients.create(settings, CONNECT_TIMEOUT, PictureDownloader.socketTimeout(limits));
  }
}
