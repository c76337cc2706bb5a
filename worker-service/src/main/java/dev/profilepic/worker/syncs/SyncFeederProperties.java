package dev.profilepic.worker.syncs;

import jakarta.validation.constraints.AssertTrue;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How bulk syncs are fed.
 *
 * @param ahead how much work, at the instance's pace, may wait in the queue; a new lead waits
 *     behind so much at the most
 */
@Validated
@ConfigurationProperties("profile-pic.sync-feeder")
record SyncFeederProperties(@DefaultValue("5s") Duration ahead) {

  @AssertTrue(message = "profile-pic.sync-feeder.ahead must be between 1s and 1m") boolean isAheadSensible() {
    return ahead.compareTo(Duration.ofSeconds(1)) >= 0
        && ahead.compareTo(Duration.ofMinutes(1)) <= 0;
  }
}
