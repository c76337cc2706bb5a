package dev.profilepic.worker.deliveries;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the delivery of events to endpoints.
 *
 * @param enabled whether this worker takes part
 * @param timeout for an endpoint's answer, from connecting to the last byte
 */
@Validated
@ConfigurationProperties("profile-pic.deliveries")
record DeliveryProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("15s") @DurationMin(seconds = 1) @DurationMax(seconds = 30) Duration timeout) {}
