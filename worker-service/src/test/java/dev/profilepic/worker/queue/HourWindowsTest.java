package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataIntegrityViolationException;

/** The beginning and the end of hours in every region, and the hours that are refused. */
class HourWindowsTest extends QueueTest {

  /** Times are in UTC, except the hours themselves. 2026-11-27 is a Friday. */
  @ParameterizedTest
  @CsvSource({
    // zone, days, from, to, asked at, opens, closes
    "America/Sao_Paulo, '{1,2,3,4,5}', 09:00, 18:00, 2026-11-27 11:59:59, 2026-11-27 12:00, 2026-11-27 21:00",
    "America/Sao_Paulo, '{1,2,3,4,5}', 09:00, 18:00, 2026-11-27 12:00, 2026-11-27 12:00, 2026-11-27 21:00",
    "America/Sao_Paulo, '{1,2,3,4,5}', 09:00, 18:00, 2026-11-27 20:59:59, 2026-11-27 12:00, 2026-11-27 21:00",
    "America/Sao_Paulo, '{1,2,3,4,5}', 09:00, 18:00, 2026-11-27 21:00, 2026-11-30 12:00, 2026-11-30 21:00",
    "America/Sao_Paulo, '{7}', 09:00, 18:00, 2026-11-29 21:00, 2026-12-06 12:00, 2026-12-06 21:00",
    "America/Sao_Paulo, , 09:00, 18:00, 2026-11-28 21:00, 2026-11-29 12:00, 2026-11-29 21:00",
    // Past midnight: Friday's night lasts into Saturday, and Saturday's own night does not open.
    "UTC, '{5}', 22:00, 06:00, 2026-11-28 05:59, 2026-11-27 22:00, 2026-11-28 06:00",
    "UTC, '{5}', 22:00, 06:00, 2026-11-28 06:00, 2026-12-04 22:00, 2026-12-05 06:00",
    "UTC, '{5}', 22:00, 06:00, 2026-11-27 05:00, 2026-11-27 22:00, 2026-11-28 06:00",
    // The same time twice is a whole day, and the next day follows without a gap.
    "UTC, '{1,2,3,4,5,6,7}', 00:00, 00:00, 2026-11-28 00:00, 2026-11-28 00:00, 2026-11-29 00:00",
    "UTC, '{6}', 00:00, 00:00, 2026-11-29 00:00, 2026-12-05 00:00, 2026-12-06 00:00",
    // New York skips 02:00 to 03:00 on 2026-03-08, and has 01:00 to 02:00 twice on 2026-11-01.
    "America/New_York, , 01:00, 04:00, 2026-03-08 05:00, 2026-03-08 06:00, 2026-03-08 08:00",
    "America/New_York, , 02:30, 04:00, 2026-03-08 07:00, 2026-03-08 07:30, 2026-03-08 08:00",
    "America/New_York, , 01:30, 02:30, 2026-03-08 06:45, 2026-03-08 06:30, 2026-03-08 07:30",
    "America/New_York, '{7}', 02:30, 03:15, 2026-03-08 06:00, 2026-03-15 06:30, 2026-03-15 07:15",
    "America/New_York, , 00:30, 03:00, 2026-11-01 05:30, 2026-11-01 04:30, 2026-11-01 08:00",
    "America/New_York, , 22:00, 01:30, 2026-11-01 05:45, 2026-11-01 02:00, 2026-11-01 06:30",
    "Asia/Kolkata, '{1}', 00:15, 01:00, 2026-11-29 18:45, 2026-11-29 18:45, 2026-11-29 19:30",
    // A region that this server does not know any more.
    "Mars/Phobos, , 09:00, 18:00, 2026-11-27 10:00, 2026-11-27 09:00, 2026-11-27 18:00"
  })
  void theNextWindowIsFoundInItsRegion(
      String zone, String days, String from, String to, String at, String opens, String closes) {
    assertThat(
            fixture.one(
                Boolean.class,
                "SELECT (w.opens, w.closes) = (?::timestamp AT TIME ZONE 'UTC', ?::timestamp AT TIME ZONE 'UTC') FROM profile_pic.window_at(?, ?::integer[], ?::time, ?::time, ?::timestamp AT TIME ZONE 'UTC') AS w",
                opens,
                closes,
                zone,
                days,
                from,
                to,
                at))
        .as(() ->
            fixture.one(
                String.class,
                "SELECT (w.opens AT TIME ZONE 'UTC') || ' – ' || (w.closes AT TIME ZONE 'UTC') FROM profile_pic.window_at(?, ?::integer[], ?::time, ?::time, ?::timestamp AT TIME ZONE 'UTC') AS w",
                zone,
                days,
                from,
                to,
                at))
        .isTrue();
  }

  @Test
  void anEstimateCountsTheHoursOfWorkOnly() {
    fixture.jdbc.update(
        "INSERT INTO profile_pic.instances (instance_id, hours_zone, hours_days, hours_from, hours_to) VALUES ('demo', 'UTC', '{1,2,3,4,5,6,7}', '09:00', '10:00')");
    fixture.jdbc.update(
        "UPDATE profile_pic.instances SET paused_until = date_trunc('day', now(), 'UTC') + interval '2 days 09:30'");

    assertThat(workEnds("20 minutes")).isEqualTo("2 days 09:50:00");
    assertThat(workEnds("40 minutes")).isEqualTo("3 days 09:10:00");
    assertThat(workEnds("2 hours 40 minutes")).isEqualTo("5 days 09:10:00");
    assertThat(workEnds("2 hours 40 minutes", false))
        .as("of what somebody waits for")
        .isEqualTo("2 days 12:10:00");

    fixture.jdbc.update(
        "UPDATE profile_pic.instances SET quiet_zone = 'UTC', quiet_from = '09:15', quiet_to = '09:45'");
    assertThat(workEnds("40 minutes")).isEqualTo("3 days 09:55:00");
    fixture.jdbc.update(
        "UPDATE profile_pic.instances SET hours_zone = NULL, hours_days = NULL, hours_from = NULL, hours_to = NULL");
    assertThat(workEnds("40 minutes")).isEqualTo("2 days 10:25:00");
    fixture.jdbc.update(
        "UPDATE profile_pic.instances SET paused_until = now() + interval '99 years'");
    assertThat(workEnds("1 minute")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hours_zone = 'UTC'",
        "hours_zone = '-03:00', hours_days = '{1}', hours_from = '09:00', hours_to = '10:00'",
        "hours_zone = 'UTC', hours_days = '{}', hours_from = '09:00', hours_to = '10:00'",
        "hours_zone = 'UTC', hours_days = '{0}', hours_from = '09:00', hours_to = '10:00'",
        "hours_zone = 'UTC', hours_days = '{8}', hours_from = '09:00', hours_to = '10:00'",
        "hours_zone = 'UTC', hours_days = '{NULL}', hours_from = '09:00', hours_to = '10:00'"
      })
  void hoursThatNobodyCouldMeanAreRefused(String wrong) {
    fixture.jdbc.update("INSERT INTO profile_pic.instances (instance_id) VALUES ('demo')");

    assertThatThrownBy(() -> fixture.jdbc.update("UPDATE profile_pic.instances SET " + wrong))
        .isInstanceOf(DataIntegrityViolationException.class);
    assertThatThrownBy(() -> fixture.jdbc.update("UPDATE profile_pic.settings SET " + wrong))
        .isInstanceOf(DataIntegrityViolationException.class);
  }

  /** Returns the end of the work, in days and hours from today's beginning. */
  private @Nullable String workEnds(String work) {
    return workEnds(work, true);
  }

  private @Nullable String workEnds(String work, boolean background) {
    return fixture.jdbc.queryForObject(
        "SELECT (profile_pic.work_ends(i, ?::interval, ?) - date_trunc('day', now(), 'UTC'))::text FROM profile_pic.instances AS i",
        String.class,
        work,
        background);
  }
}
