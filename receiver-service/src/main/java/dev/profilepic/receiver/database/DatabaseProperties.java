package dev.profilepic.receiver.database;

import dev.profilepic.contract.DatabaseConnection;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings for the use of the database.
 *
 * @param connection the kind of connection: to the server itself, or to a pooler
 * @param operators limits of the operators' calls
 * @param patience after which an event or webhook is answered 503. Finding the key may have taken
 *     {@link DatabaseCalls#BRIEFLY} before. Both times together stay under the promised two seconds
 */
@Validated
@ConfigurationProperties("profile-pic.database")
public record DatabaseProperties(
    @DefaultValue("direct") @NotNull DatabaseConnection connection,
    @DefaultValue("1400ms") @DurationMin(millis = 100) @DurationMax(millis = 1500)
        Duration patience,
    @DefaultValue @Valid Operators operators) {

  /**
   * Operators' calls.
   *
   * @param connections at the most, in addition to the connections for events
   * @param rest how long a place rests after a call, as a multiple of the call's duration, so that
   *     the processors are free for events most of the time; 0 for no rest
   */
  public record Operators(
      @DefaultValue("2") @Min(1) @Max(3) int connections,
      @DefaultValue("16") @Min(0) @Max(100) int rest) {}
}
