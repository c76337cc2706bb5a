package dev.profilepic.worker.refreshes;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How leads whose next check is due are fed. {@code profile-pic.pictures} says when a check is due.
 *
 * @param enabled whether this worker feeds them
 * @param ahead how much work, at the instance's pace, may wait in the queue; a new lead waits
 *     behind so much at the most
 * @param batch leads per step, of all instances together
 */
@Validated
@ConfigurationProperties("profile-pic.refresh")
record RefreshProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("5s") Duration ahead,
    @DefaultValue("200") @Min(1) @Max(1000) int batch) {

  @AssertTrue(message = "profile-pic.refresh.ahead must be between 1s and 1m") boolean isAheadSensible() {
    return ahead.compareTo(Duration.ofSeconds(1)) >= 0
        && ahead.compareTo(Duration.ofMinutes(1)) <= 0;
  }
}
