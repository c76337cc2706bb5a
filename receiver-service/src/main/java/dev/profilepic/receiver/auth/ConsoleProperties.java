package dev.profilepic.receiver.auth;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
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
 * @param signInsPerMinute with one key, and the refused ones of all users together, at one replica
 */
@Validated
@ConfigurationProperties("profile-pic.console")
record ConsoleProperties(
    @DefaultValue("12h") @DurationMin(minutes = 1) @DurationMax(days = 30) Duration sessionLifetime,
    @DefaultValue("30") @Min(1) @Max(100_000) int signInsPerMinute) {}
