package dev.profilepic.receiver.intake;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How concurrent requests share transactions.
 *
 * @param maxBatch events in one transaction at the most
 * @param linger how long a batch may fill while another is being written; an idle receiver never
 *     waits
 * @param writers batches that may be written at the same time; each uses a connection
 * @param capacity events that may wait; further events are answered 503 at once
 */
@Validated
@ConfigurationProperties("profile-pic.enqueue")
record EnqueueProperties(
    @DefaultValue("256") @Min(1) @Max(5000) int maxBatch,
    @DefaultValue("10ms") @DurationMin(millis = 0) @DurationMax(millis = 100) Duration linger,
    @DefaultValue("2") @Min(1) @Max(64) int writers,
    @DefaultValue("4096") @Min(1) @Max(1_000_000) int capacity) {}
