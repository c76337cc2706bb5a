package dev.profilepic.receiver.idempotency;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * @param keep how long the answer to a call with an Idempotency-Key is kept; within this time a
 *     repeated call gets the same answer and is not carried out again
 */
@Validated
@ConfigurationProperties("profile-pic.idempotency")
record IdempotencyProperties(
    @DefaultValue("24h") @DurationMin(minutes = 10) @DurationMax(days = 30) Duration keep) {}
