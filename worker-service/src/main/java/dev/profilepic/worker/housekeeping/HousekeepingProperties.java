package dev.profilepic.worker.housekeeping;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.stream.Stream;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How long each kind of data is kept.
 *
 * @param enabled whether this worker takes part
 * @param every how often each chore is done, by all replicas together
 * @param batch rows per transaction
 * @param history what happened to each lead's photo; the newest entry of each is always kept
 * @param audit who did what; at least 30 days
 * @param archive archived messages, where the queue's archive is on, and archived dead letters
 * @param orphans bytes that no lead has any more
 * @param syncs bulk syncs that ended, with the outcome of each lead
 * @param events events that were delivered to webhook endpoints, or will be
 * @param deadLetters dead letters that nobody replayed or dropped
 * @param receipts which signed webhooks were accepted; at least a day
 * @param unmatched events under a LID whose number nobody learned
 * @param unrecognised samples of webhooks that nobody could read, since the last of their kind
 * @param lids LIDs and their phones, since the last event that told of them
 */
@Validated
@ConfigurationProperties("profile-pic.housekeeping")
record HousekeepingProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("1h") Duration every,
    @DefaultValue("500") @Min(10) @Max(10_000) int batch,
    @DefaultValue("365d") Duration history,
    @DefaultValue("365d") @DurationMin(days = 30) Duration audit,
    @DefaultValue("30d") Duration archive,
    @DefaultValue("1h") Duration orphans,
    @DefaultValue("90d") Duration syncs,
    @DefaultValue("30d") @DurationMin(days = 4) Duration events,
    @DefaultValue("90d") @DurationMin(days = 1) Duration deadLetters,
    @DefaultValue("3d") @DurationMin(days = 1) Duration receipts,
    @DefaultValue("90d") @DurationMin(days = 1) Duration unmatched,
    @DefaultValue("90d") @DurationMin(days = 1) Duration unrecognised,
    @DefaultValue("365d") @DurationMin(days = 1) Duration lids) {

  @AssertTrue(
      message =
          "profile-pic.housekeeping: every, history, archive, orphans and syncs must be at least 1m")
  boolean isPatientEnough() {
    return Stream.of(every, history, archive, orphans, syncs)
        .allMatch(duration -> duration.compareTo(Duration.ofMinutes(1)) >= 0);
  }
}
