package dev.profilepic.worker.housekeeping;

import jakarta.validation.constraints.AssertTrue;
import java.time.Duration;
import java.util.stream.Stream;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The time for which each kind of data is kept.
 *
 * @param enabled whether this worker takes part
 * @param history the history of each lead's photo; the newest entry of each lead is always kept
 * @param audit the record of who did what; at least 30 days
 * @param archive archived messages, where the queue's archive is on, and archived dead letters
 * @param syncs bulk syncs that ended, with the outcome of each lead
 * @param events events that were delivered to webhook endpoints, or will be
 * @param deadLetters dead letters that were neither replayed nor dropped
 * @param receipts the record of signed webhooks that were accepted; at least a day
 * @param unmatched events under a LID whose number is still unknown
 * @param lids LIDs and their phones, counted from the last event that named them
 */
@Validated
@ConfigurationProperties("profile-pic.housekeeping")
record HousekeepingProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("365d") Duration history,
    @DefaultValue("365d") @DurationMin(days = 30) Duration audit,
    @DefaultValue("30d") Duration archive,
    @DefaultValue("90d") Duration syncs,
    @DefaultValue("30d") @DurationMin(days = 4) Duration events,
    @DefaultValue("90d") @DurationMin(days = 1) Duration deadLetters,
    @DefaultValue("3d") @DurationMin(days = 1) Duration receipts,
    @DefaultValue("90d") @DurationMin(days = 1) Duration unmatched,
    @DefaultValue("365d") @DurationMin(days = 1) Duration lids) {

  @AssertTrue(message = "profile-pic.housekeeping: history, archive and syncs must be at least 1m") boolean isPatientEnough() {
    return Stream.of(history, archive, syncs)
        .allMatch(duration -> duration.compareTo(Duration.ofMinutes(1)) >= 0);
  }
}
