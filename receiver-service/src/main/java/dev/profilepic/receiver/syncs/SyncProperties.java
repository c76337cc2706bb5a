package dev.profilepic.receiver.syncs;

import dev.profilepic.contract.InstanceId;
import jakarta.validation.Valid;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The workers' settings that bulk syncs read too.
 *
 * @param defaultInstance owns the leads that name no instance
 * @param worker the settings that the workers read under this name
 */
@Validated
@ConfigurationProperties("profile-pic")
record SyncProperties(@Nullable String defaultInstance, @DefaultValue @Valid Worker worker) {

  /**
   * @param pacePerMinute lookups per minute of an instance without its own pace; for estimates
   */
  record Worker(@DefaultValue("60") @Min(1) @Max(6_000_000) int pacePerMinute) {}

  @AssertTrue(message = "profile-pic.default-instance " + InstanceId.RULE) boolean isDefaultInstanceAnId() {
    return defaultInstance == null
        || defaultInstance.isBlank()
        || InstanceId.isValid(defaultInstance);
  }

  boolean isDefault(String instanceId) {
    return instanceId.equals(defaultInstance);
  }
}
