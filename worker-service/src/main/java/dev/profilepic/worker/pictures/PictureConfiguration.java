package dev.profilepic.worker.pictures;

import dev.profilepic.contract.AvatarLink;
import dev.profilepic.contract.SharedSecret;
import dev.profilepic.store.PhotoStore;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.validation.annotation.Validated;

@Configuration(proxyBeanMethods = false)
class PictureConfiguration {

  /**
   * Settings of links to avatars; the receiver reads the same names.
   *
   * @param baseUrl the receiver's url for programs that show the photos
   * @param signingSecret signs the links; the same for receiver and worker
   * @param linkLifetime of links; null for links without an end. A lead gets a new link at each
   *     check, so the lifetime must be longer than the time between two checks
   */
  @Validated
  @ConfigurationProperties("profile-pic.avatars")
  record AvatarProperties(
      @NotNull(message = "is required; set PROFILE_PIC_AVATARS_BASE_URL") URI baseUrl,
      String signingSecret,
      @Nullable @DurationMin(days = 1) Duration linkLifetime) {

    AvatarProperties {
      SharedSecret.check(
          signingSecret,
          "profile-pic.avatars.signing-secret",
          "PROFILE_PIC_AVATARS_SIGNING_SECRET");
    }

    @AssertTrue(message = "profile-pic.avatars.base-url " + AvatarLink.BASE_URL_RULE) boolean isBaseUrlUsable() {
      return baseUrl == null || AvatarLink.isBaseUrl(baseUrl);
    }

    AvatarLink links(InstantSource clock) {
      return new AvatarLink(baseUrl, List.of(signingSecret), linkLifetime, clock);
    }

    @Override
    public String toString() {
      return "AvatarProperties[baseUrl=" + baseUrl + ", signingSecret=***]";
    }
  }

  @Bean
  RetryPolicy retryPolicy(PictureProperties policy, RandomGenerator random, InstantSource clock) {
    return new RetryPolicy(
        policy, new Backoff(policy.backoffBase(), policy.backoffCap(), random), clock);
  }

  @Bean
  SettlementMapper settlementMapper(
      RetryPolicy retries, AvatarProperties avatars, PhotoStore store, InstantSource clock) {
    return new SettlementMapper(retries, avatars.links(clock), store);
  }
}
