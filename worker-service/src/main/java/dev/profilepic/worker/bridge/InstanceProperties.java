package dev.profilepic.worker.bridge;

import dev.profilepic.contract.InstanceId;
import jakarta.validation.constraints.AssertTrue;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * The instance for requests that name no instance.
 *
 * @param defaultInstance id of the instance; null or empty for any instance that the bridge reports
 *     open
 */
@Validated
@ConfigurationProperties("profile-pic")
record InstanceProperties(@Nullable String defaultInstance) {

  @AssertTrue(message = "profile-pic.default-instance " + InstanceId.RULE) boolean isDefaultInstanceAnId() {
    return named() == null || InstanceId.isValid(named());
  }

  @Nullable String named() {
    return defaultInstance == null || defaultInstance.isBlank() ? null : defaultInstance;
  }
}
