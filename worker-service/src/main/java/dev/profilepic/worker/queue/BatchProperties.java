package dev.profilepic.worker.queue;

import jakarta.validation.constraints.AssertTrue;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of batches. In a batch, refreshes and bulk syncs ask about a hundred people with one
 * query, where the instance's source can do that.
 *
 * @param enabled whether there are batches at all; otherwise each lead is looked up alone
 * @param spacing the time between two batches of an instance; a little more than the bridge's own
 *     spacing, because the bridge refuses batches that are closer together
 * @param gathering how long a due lead may wait for a hundred due leads of its instance
 */
@Validated
@ConfigurationProperties("profile-pic.batches")
public record BatchProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("21s") Duration spacing,
    @DefaultValue("1h") Duration gathering) {

  /**
   * A message with this delay may join a batch at once. A message with a longer delay may join a
   * batch when the difference has passed. The same as {@code profile_pic.batch_patience} (R__08).
   */
  public static final Duration PATIENCE = Duration.ofMinutes(2);

  @AssertTrue(message = "profile-pic.batches.spacing must be between 0s and 10m") boolean isSpacingSensible() {
    return !spacing.isNegative() && spacing.compareTo(Duration.ofMinutes(10)) <= 0;
  }

  @AssertTrue(message = "profile-pic.batches.gathering must be between 0s and 1d") boolean isGatheringSensible() {
    return !gathering.isNegative() && gathering.compareTo(Duration.ofDays(1)) <= 0;
  }
}
