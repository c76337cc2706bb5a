package dev.profilepic.receiver.auth;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The web console.
 *
 * @param sessionLifetime after which a person signs in again; a session ends earlier with its key
 */
@Validated
@ConfigurationProperties("profile-pic.console")
record ConsoleProperties(
    @DefaultValue("12h") @DurationMin(minutes = 1) @DurationMax(days = 30)
        Duration sessionLifetime) {}
