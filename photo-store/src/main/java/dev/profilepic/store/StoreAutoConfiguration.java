package dev.profilepic.store;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Provides the store to receiver and worker. */
@AutoConfiguration
@EnableConfigurationProperties({StoreProperties.class, S3Properties.class})
public class StoreAutoConfiguration {

  @Bean
  PhotoStore photoStore(StoreProperties properties, S3Properties s3) {
    return new PhotoStore(properties, s3);
  }
}
