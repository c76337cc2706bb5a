package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataIntegrityViolationException;

/**
 * Background work is done in its number's working hours, and what somebody waits for at any time.
 */
class WorkingHoursTest {

  private static final int ONE_A_SECOND = 60;

  private QueueFixture fixture;

  @BeforeEach
  void migrate() {
    fixture = new QueueFixture();
  }

  @AfterEach
  void drop() {
    fixture.close();
  }

  /** Times are those of UTC, except the hours themselves. 2026-11-27 is a Friday. */
  @ParameterizedTest
  @CsvSource({
    // zone, days, from, to, asked at, opens, closes
    "America/Sao_Paulo, '{1,2,3,4,5}', 09:00, 18:00, 2026-11-27 11:59:59, 2026-11-27 12:00, 2026-11-27 21:00",
    "America/Sao_Paulo, '{1,2,3,4,5}', 09:00, 18:00, 2026-11-27 12:00, 2026-11-27 12:00, 2026-11-27 21:00",
    "America/Sao_Paulo, '{1,2,3,4,5}', 09:00, 18:00, 2026-11-27 20:59:59, 2026-11-27 12:00, 2026-11-27 21:00",
    "America/Sao_Paulo, '{1,2,3,4,5}', 09:00, 18:00, 2026-11-27 21:00, 2026-11-30 12:00, 2026-11-30 21:00",
    "America/Sao_Paulo, '{7}', 09:00, 18:00, 2026-11-29 21:00, 2026-12-06 12:00, 2026-12-06 21:00",
    "America/Sao_Paulo, , 09:00, 18:00, 2026-11-28 21:00, 2026-11-29 12:00, 2026-11-29 21:00",
    // Past midnight: of Friday's night, on Saturday too; Saturday's own does not open.
    "UTC, '{5}', 22:00, 06:00, 2026-11-28 05:59, 2026-11-27 22:00, 2026-11-28 06:00",
    "UTC, '{5}', 22:00, 06:00, 2026-11-28 06:00, 2026-12-04 22:00, 2026-12-05 06:00",
    "UTC, '{5}', 22:00, 06:00, 2026-11-27 05:00, 2026-11-27 22:00, 2026-11-28 06:00",
    // The same time twice is a whole day, and one follows the other without a gap.
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
    // Of a region that this server does not know any more.
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
  void withoutHoursBackgroundWorkIsDoneAtAnyTime() {
    background("bulk");
    background("refresh");

    assertThat(claim()).hasSize(2);
  }

  @Test
  void outsideItsHoursANumberDoesWhatSomebodyWaitsForAndNothingElse() {
    closed("demo");
    var bulk = background("bulk");
    var refresh = background("refresh");
    var low = fixture.send(message(fixture.lead(), "webhook", ", \"priority\": \"low\""));
    var urgent = fixture.send(message(fixture.lead(), "bulk", ", \"priority\": \"high\""));
    var live =
        List.of(
            fixture.enqueue(request(fixture.lead(), "webhook")),
            fixture.enqueue(request(fixture.lead(), "new_lead")),
            fixture.enqueue(request(fixture.lead(), "manual")));

    assertThat(ids(claim()))
        .containsAll(live)
        .contains(urgent)
        .doesNotContain(bulk, refresh, low)
        .hasSize(4);
    assertThat(fixture.queued()).as("nothing is lost").isEqualTo(7);

    open("demo");
    fixture.jdbc.update(
        "UPDATE pgmq.q_profile_pic_queue SET vt = now() WHERE msg_id IN (SELECT msg_id FROM profile_pic.deliveries WHERE held_at IS NOT NULL)");
    var later = claim();
    assertThat(ids(later)).containsExactlyInAnyOrder(bulk, refresh, low);
    assertThat(later)
        .allSatisfy(delivery -> {
          assertThat(delivery.attempts()).isZero();
          assertThat(delivery.deliveries()).isEqualTo(1);
        });
  }

  @Test
  void whatIsHeldComesBackWhenTheHoursBeginAndAfterAQuarterOfAnHourAtTheLatest() {
    closedUntil("demo", "5 minutes");
    closedUntil("other", "20 hours");
    var soon = background("bulk");
    var late = fixture.enqueue(request(fixture.lead("other"), "bulk"));

    assertThat(claim()).isEmpty();

    assertThat(minutesUntilDue(soon)).isBetween(3L, 5L);
    assertThat(minutesUntilDue(late)).isBetween(14L, 15L);
  }

  @Test
  void aNumberThatHasHoursStopsNoOther() {
    closed("demo");
    background("bulk");
    var other = fixture.enqueue(request(fixture.lead("other"), "bulk"));

    assertThat(ids(claim())).containsExactly(other);
  }

  @Test
  void manyMessagesThatAreHeldHideNoLiveOneBehindThem() {
    closed("demo");
    fixture.jdbc.update(
        """
        INSERT INTO pgmq.q_profile_pic_queue (vt, message)
        SELECT now(), jsonb_build_object('lead_id', gen_random_uuid(), 'phone', '5562999212484', 'instance_id', 'demo', 'sync_type', 'bulk')
        FROM generate_series(1, 250)
        """);
    fixture.jdbc.update(
        "INSERT INTO public.leads (id, phone, instance_id) SELECT (message ->> 'lead_id')::uuid, '5562999212484', 'demo' FROM pgmq.q_profile_pic_queue");
    fixture.queue.adopt(ONE_A_SECOND, 1000);
    fixture.jdbc.update("UPDATE profile_pic.waiting SET place = place - interval '1 hour'");
    var live = fixture.enqueue(request(fixture.lead(), "webhook"));

    List<Delivery> found = List.of();
    for (int turns = 0; turns < 5 && found.isEmpty(); turns++) {
      found = fixture.claimWithPace(10, ONE_A_SECOND).deliveries();
    }

    assertThat(ids(found)).containsExactly(live);
    assertThat(
            fixture.one(
                Long.class,
                "SELECT count(*) FROM profile_pic.deliveries WHERE held_at IS NOT NULL"))
        .isEqualTo(250);
  }

  @Test
  void heldBackIsForNoToken() {
    closed("demo");
    background("bulk");
    fixture.claimWithPace(10, 1);
    var live = fixture.enqueue(request(fixture.lead(), "webhook"));

    assertThat(ids(fixture.claimWithPace(10, 1).deliveries())).containsExactly(live);
  }

  @Test
  void aClaimLeasesNoMoreThanItsTokensAlthoughItLooksFurther() {
    closed("demo");
    for (int i = 0; i < 5; i++) {
      fixture.enqueue(request(fixture.lead(), "webhook"));
      background("bulk");
    }

    assertThat(fixture.claimWithPace(10, ONE_A_SECOND).deliveries()).hasSize(2);
    assertThat(fixture.claimWithPace(10, ONE_A_SECOND).deliveries()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLiveEventFreesTheMessageOfItsLeadThatIsHeld(boolean forced) {
    closed("demo");
    var lead = fixture.lead();
    var bulk = fixture.enqueue(request(lead, "bulk"));
    assertThat(claim()).isEmpty();

    fixture.enqueue(
        Map.of(
            "lead_id",
            lead,
            "phone",
            "5562999212484",
            "sync_type",
            "manual",
            "force_update",
            forced));

    assertThat(ids(claim())).containsExactly(bulk);
  }

  /**
   * A lead that is fed counts as looked at for the time being, so the event would have nothing to
   * ask.
   */
  @Test
  void aLiveEventFreesTheRefreshOfItsLeadThatIsHeld() {
    due();
    assertThat(feedRefreshes()).isEqualTo(1);
    closed("demo");
    assertThat(claim()).isEmpty();
    var lead = fixture.one(String.class, "SELECT lead_id FROM profile_pic.pictures");

    fixture.enqueue(request(lead, "webhook"));
    assertThat(claim()).hasSize(1);
  }

  @Test
  void whatIsHeldIsNotFedTwiceWhenTheHoursBegin() {
    due();
    feedRefreshes();
    closed("demo");
    claim();
    open("demo");

    assertThat(feedRefreshes()).isZero();
    assertThat(feedRefreshes()).isZero();
    assertThat(fixture.queued()).isEqualTo(1);
  }

  @Test
  void aLiveEventThatComesBeforeTheMessageIsHeldKeepsItFromThat() {
    closed("demo");
    var lead = fixture.lead();
    var bulk = fixture.enqueue(request(lead, "bulk"));
    fixture.enqueue(request(lead, "webhook"));

    assertThat(ids(claim())).containsExactly(bulk);
  }

  @Test
  void moreBackgroundWorkFreesNothing() {
    closed("demo");
    var lead = fixture.lead();
    fixture.enqueue(request(lead, "refresh"));
    assertThat(claim()).isEmpty();

    fixture.enqueue(request(lead, "bulk"));

    assertThat(claim()).isEmpty();
  }

  @Test
  void anEventThatComesWhileItsMessageRunsIsServedAfterwardsAlthoughTheHoursEnded() {
    var lead = fixture.lead();
    fixture.jdbc.update("INSERT INTO profile_pic.instances (instance_id) VALUES ('demo')");
    open("demo");
    fixture.enqueue(request(lead, "bulk"));
    var running = fixture.claimOne();
    closed("demo");
    fixture.enqueue(Map.of("lead_id", lead, "phone", "5562999212484", "force_update", true));

    fixture.settle(Results.complete(running, "NOT_SET"));

    assertThat(claim()).hasSize(1);
  }

  @Test
  void refreshesAreFedInTheirHoursOnly() {
    due();
    closed("demo");
    assertThat(feedRefreshes()).isZero();

    open("demo");
    assertThat(feedRefreshes()).isEqualTo(1);
  }

  @Test
  void bulkSyncsAreFedInTheirHoursOnly() {
    fixture.lead();
    fixture.jdbc.update(
        "INSERT INTO profile_pic.syncs (instance_id, kind, total, batch_size) VALUES ('demo', 'without_photo', 1, 50)");
    closed("demo");
    assertThat(feedSyncs()).isZero();

    open("demo");
    assertThat(feedSyncs()).isEqualTo(1);
  }

  @Test
  void batchesAreClaimedInTheirHoursOnlyAndWhatWaitsForOneIsNotLookedUpAloneInstead() {
    due();
    fixture.one(
        Long.class, "SELECT profile_pic.feed_refreshes('demo', 60, '5 s', 200, true, '{}', '0')");
    closed("demo");
    assertThat(batch()).isEmpty();
    fixture.jdbc.update(
        "UPDATE pgmq.q_profile_pic_queue SET vt = vt - profile_pic.batch_patience() - interval '1 ms'");
    assertThat(claim()).isEmpty();

    open("demo");
    fixture.jdbc.update("UPDATE pgmq.q_profile_pic_queue SET vt = vt - profile_pic.hold_at_once()");
    assertThat(batch()).hasSize(1);
  }

  @Test
  void theWorkersDefaultHoldsForInstancesWithoutHoursOfTheirOwnKnownOrNot() {
    defaultIsClosed();
    open("owner");
    due();
    fixture.jdbc.update("UPDATE profile_pic.pictures SET instance_id = 'nobody-knows'");
    assertThat(feedRefreshes()).isZero();
    background("bulk");
    var own = fixture.enqueue(request(fixture.lead("owner"), "bulk"));

    assertThat(ids(claim())).containsExactly(own);

    fixture.jdbc.queryForList("SELECT profile_pic.keep_default_hours(NULL, NULL, NULL, NULL)");
    assertThat(feedRefreshes()).isEqualTo(1);
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

  /** In days and hours from today's beginning. */
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

  private long background(String kind) {
    return fixture.enqueue(request(fixture.lead(), kind));
  }

  private static Map<String, Object> request(String lead, String kind) {
    return Map.of("lead_id", lead, "phone", "5562999212484", "sync_type", kind);
  }

  private static String message(String lead, String kind, String more) {
    return "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\", \"instance_id\": \"demo\", \"sync_type\": \"%s\"%s}"
        .formatted(lead, kind, more);
  }

  private List<Delivery> claim() {
    return fixture.claim(100);
  }

  private List<Delivery> batch() {
    return fixture
        .queue
        .claimBatch(100, QueueFixture.LEASE, Duration.ofSeconds(20), ONE_A_SECOND, () -> true)
        .deliveries();
  }

  private static List<Long> ids(List<Delivery> deliveries) {
    return deliveries.stream().map(delivery -> delivery.lease().messageId()).toList();
  }

  private void due() {
    var lead = fixture.lead();
    fixture.jdbc.update(
        "INSERT INTO profile_pic.pictures (lead_id, phone, instance_id, state, reason, requested_at, checked_at, next_check_at) VALUES (?, '5562999212484', 'demo', 'NOT_SET', 'NOT_SET', now() - interval '15 days', now() - interval '14 days', now() - interval '1 minute')",
        lead);
    fixture.jdbc.update("UPDATE public.leads SET instance_id = NULL");
  }

  private long feedRefreshes() {
    return fixture.one(Long.class, "SELECT profile_pic.feed_refreshes('demo', 60, '5 s', 200)");
  }

  private long feedSyncs() {
    return fixture.one(Long.class, "SELECT profile_pic.feed_syncs(60, '5 s')");
  }

  private long minutesUntilDue(long message) {
    return fixture.one(
        Long.class,
        "SELECT floor(extract(epoch FROM vt - now()) / 60)::bigint FROM pgmq.q_profile_pic_queue WHERE msg_id = ?",
        message);
  }

  private void closed(String instance) {
    hours(instance, "+ interval '2 hours'", "+ interval '3 hours'");
  }

  private void closedUntil(String instance, String until) {
    hours(instance, "+ interval '" + until + "'", "+ interval '" + until + "' + interval '1 hour'");
  }

  private void open(String instance) {
    hours(instance, "- interval '1 hour'", "+ interval '1 hour'");
  }

  /** On every day, relative to now, in a zone that is not the server's. */
  private void hours(String instance, String from, String to) {
    fixture.jdbc.update(
        """
        INSERT INTO profile_pic.instances (instance_id, hours_zone, hours_days, hours_from, hours_to)
        VALUES (?, 'America/Sao_Paulo', '{1,2,3,4,5,6,7}', (now() AT TIME ZONE 'America/Sao_Paulo' %1$s)::time, (now() AT TIME ZONE 'America/Sao_Paulo' %2$s)::time)
        ON CONFLICT (instance_id) DO UPDATE
          SET hours_zone = excluded.hours_zone, hours_days = excluded.hours_days, hours_from = excluded.hours_from, hours_to = excluded.hours_to
        """
            .formatted(from, to),
        instance);
  }

  private void defaultIsClosed() {
    fixture.jdbc.queryForList(
        "SELECT profile_pic.keep_default_hours('UTC', '{1,2,3,4,5,6,7}', (now() AT TIME ZONE 'UTC' + interval '2 hours')::time, (now() AT TIME ZONE 'UTC' + interval '3 hours')::time)");
  }
}
