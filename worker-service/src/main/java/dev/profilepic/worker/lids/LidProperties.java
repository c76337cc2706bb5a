package dev.profilepic.worker.lids;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How sources are asked for the numbers of LIDs.
 *
 * @param enabled whether this worker asks
 * @param every how often an instance is asked for one, by all replicas together
 * @param mostTries how often a source may say that it does not know a LID before it is left alone
 */
@Validated
@ConfigurationProperties("profile-pic.lids")
record LidProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("5s") Duration every,
    @DefaultValue("5") @Min(1) @Max(20) int mostTries) {

  @AssertTrue(message = "profile-pic.lids.every must not be negative") boolean isEveryPossible() {
    return !every.isNegative();
  }
}
