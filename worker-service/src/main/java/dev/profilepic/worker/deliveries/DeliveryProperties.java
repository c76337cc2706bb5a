package dev.profilepic.worker.deliveries;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How events are delivered to endpoints.
 *
 * @param enabled whether this worker takes part
 * @param timeout for an endpoint's answer, from connecting to the last byte
 * @param atOnce deliveries to one endpoint at the same time, by each worker
 */
@Validated
@ConfigurationProperties("profile-pic.deliveries")
record DeliveryProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("15s") @DurationMin(seconds = 1) @DurationMax(seconds = 30) Duration timeout,
    @DefaultValue("8") @Min(1) @Max(100) int atOnce) {}
