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
 * How the database is asked.
 *
 * @param connection what a connection leads to
 * @param operators how operators' calls use it
 * @param patience after which an event or webhook is answered 503. Its key may have cost {@link
 *     DatabaseCalls#BRIEFLY} before, and both together stay under the two seconds that are promised
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
   * @param connections at the most, besides those of the events
   * @param rest how many times as long as a call took its place rests afterwards, so that the
   *     processors are the events' for most of the time; 0 for none
   * @param statementTimeout after which a statement ends and its caller is answered 503; in whole
   *     seconds, and less than the socket's own timeout of 10 s
   */
  public record Operators(
      @DefaultValue("2") @Min(1) @Max(3) int connections,
      @DefaultValue("16") @Min(0) @Max(100) int rest,
      @DefaultValue("5s") @DurationMin(seconds = 1) @DurationMax(seconds = 9)
          Duration statementTimeout) {}
}
