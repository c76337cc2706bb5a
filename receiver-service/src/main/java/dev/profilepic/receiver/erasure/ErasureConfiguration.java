package dev.profilepic.receiver.erasure;

import dev.profilepic.contract.ErasureKey;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class ErasureConfiguration {

  /**
   * The key that recognises people who asked to be forgotten. The worker reads the same property.
   *
   * @param key at least 16 characters; has no default
   */
  @ConfigurationProperties("profile-pic.erasure")
  record ErasureProperties(String key) {

    /** Never contains the key. */
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
