package dev.profilepic.worker.erasures;

import dev.profilepic.contract.ErasureKey;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class ErasureConfiguration {

  /**
   * How people who asked to be forgotten are recognised; the receiver reads the same name.
   *
   * @param key at least 16 characters; has no default
   */
  @ConfigurationProperties("profile-pic.erasure")
  record ErasureProperties(String key) {

    /** Never names the key. */
    @Override
    public String toString() {
      return "ErasureProperties[key=***]";
    }
  }

  @Bean
  ErasureKey erasureKey(ErasureProperties properties) {
    return new ErasureKey(properties.key());
  }
}
