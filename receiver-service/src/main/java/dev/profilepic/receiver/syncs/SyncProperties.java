package dev.profilepic.receiver.syncs;

import dev.profilepic.contract.InstanceId;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings that bulk syncs share with the workers.
 *
 * @param defaultInstance owns the leads that name no instance; the same value as in the workers
 * @param pacePerMinute lookups per minute of an instance that has no pace of its own; for
 *     estimates, so the same value as in the workers
 */
@Validated
@ConfigurationProperties("profile-pic.syncs")
record SyncProperties(
    @Nullable String defaultInstance,
    @DefaultValue("60") @Min(1) @Max(6_000_000) int pacePerMinute) {

  @AssertTrue(message = "profile-pic.syncs.default-instance " + InstanceId.RULE) boolean isDefaultInstanceAnId() {
    return defaultInstance == null
        || defaultInstance.isBlank()
        || InstanceId.isValid(defaultInstance);
  }

  boolean isDefault(String instanceId) {
    return instanceId.equals(defaultInstance);
  }
}
