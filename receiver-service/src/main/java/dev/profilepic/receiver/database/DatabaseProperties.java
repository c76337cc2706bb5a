package dev.profilepic.receiver.database;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How the database is asked.
 *
 * @param patience after which an event or webhook is answered 503. Its key may have cost {@link
 *     DatabaseCalls#BRIEFLY} before, and both together stay under the two seconds that are promised
 */
@Validated
@ConfigurationProperties("profile-pic.database")
public record DatabaseProperties(
    @DefaultValue("1400ms") @DurationMin(millis = 100) @DurationMax(millis = 1500)
        Duration patience) {}
