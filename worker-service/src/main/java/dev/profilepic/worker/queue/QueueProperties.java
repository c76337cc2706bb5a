package dev.profilepic.worker.queue;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the queue.
 *
 * @param concurrency messages that may run at once
 * @param lease how long a message is ours before its lease must be renewed; renewal happens at a
 *     third of this time
 * @param pollInterval the longest time between two looks: the backstop for lost notifications
 * @param listen whether to LISTEN for new messages; never behind a pooler in transaction mode
 * @param drainTimeout how long running work may finish after SIGTERM before it is given back
 * @param pacePerMinute lookups per minute of an instance that has no pace of its own
 * @param archive whether completed messages are kept in PGMQ's archive table instead of being
 *     deleted
 */
@Validated
@ConfigurationProperties("profile-pic.worker")
public record QueueProperties(
    @DefaultValue("128") @Min(1) @Max(10_000) int concurrency,
    @DefaultValue("60s") Duration lease,
    @DefaultValue("1s") Duration pollInterval,
    @DefaultValue("true") boolean listen,
    @DefaultValue("30s") Duration drainTimeout,
    @DefaultValue("60") @Min(1) @Max(6_000_000) int pacePerMinute,
    @DefaultValue("false") boolean archive) {

  @AssertTrue(message = "profile-pic.worker.drain-timeout must be between 0s and 10m") boolean isDrainTimeoutSensible() {
    return !drainTimeout.isNegative() && drainTimeout.toMinutes() < 10;
  }

  @AssertTrue(message = "profile-pic.worker.lease must be at least 3s") boolean isLeaseLongEnough() {
    return lease.compareTo(Duration.ofSeconds(3)) >= 0;
  }

  @AssertTrue(message = "profile-pic.worker.poll-interval must be between 10ms and 1m") boolean isPollIntervalSensible() {
    return pollInterval.toMillis() >= 10 && pollInterval.toMinutes() < 1;
  }
}
