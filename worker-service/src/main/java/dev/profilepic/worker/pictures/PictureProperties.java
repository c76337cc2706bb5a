package dev.profilepic.worker.pictures;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of retries, dead letters and the next check.
 *
 * @param maxAttempts counted failures before a message becomes a dead letter
 * @param maxDeliveries deliveries without a result before a message becomes a dead letter
 * @param maxAge how long an instance or the bridge may be down, without a break, before a message
 *     becomes a dead letter
 * @param backoffBase first delay after a failure; doubles with each failure
 * @param backoffCap longest delay
 * @param refreshAfter until a stored photo is checked again
 * @param recheckNotSet until a lead without photo, or with a hidden one, is checked again
 * @param recheckHiddenWithoutToken until a hidden photo that was asked for without a privacy token
 *     is checked again
 * @param recheckUnknown until a lead whose gateway could not tell is checked again
 * @param recheckNotOnWhatsapp until an unknown number is checked again
 */
@Validated
@ConfigurationProperties("profile-pic.pictures")
record PictureProperties(
    @DefaultValue("5") @Min(1) @Max(100) int maxAttempts,
    @DefaultValue("20") @Min(2) @Max(1000) int maxDeliveries,
    @DefaultValue("24h") Duration maxAge,
    @DefaultValue("30s") Duration backoffBase,
    @DefaultValue("1h") Duration backoffCap,
    @DefaultValue("7d") Duration refreshAfter,
    @DefaultValue("14d") Duration recheckNotSet,
    @DefaultValue("3d") Duration recheckHiddenWithoutToken,
    @DefaultValue("14d") Duration recheckUnknown,
    @DefaultValue("30d") Duration recheckNotOnWhatsapp) {

  @AssertTrue(
      message =
          "profile-pic.pictures: max-age, refresh-after and the recheck-… durations must be at least 1m")
  boolean isPatientEnough() {
    return Stream.of(
            maxAge,
            refreshAfter,
            recheckNotSet,
            recheckHiddenWithoutToken,
            recheckUnknown,
            recheckNotOnWhatsapp)
        .allMatch(duration -> duration.compareTo(Duration.ofMinutes(1)) >= 0);
  }

  @AssertTrue(
      message = "profile-pic.pictures.backoff-base must be positive and at most backoff-cap")
  boolean isBackoffSensible() {
    return backoffBase.isPositive() && backoffBase.compareTo(backoffCap) <= 0;
  }
}
