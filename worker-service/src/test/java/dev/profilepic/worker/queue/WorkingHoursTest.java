package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A number does background work in its working hours, and work that a person waits for at any time.
 */
class WorkingHoursTest extends HoursTest {

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

  private List<Delivery> batch() {
    return fixture
        .queue
        .claimBatch(100, QueueFixture.LEASE, Duration.ofSeconds(20), ONE_A_SECOND, () -> true)
        .deliveries();
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

  private void defaultIsClosed() {
    fixture.jdbc.queryForList(
        "SELECT profile_pic.keep_default_hours('UTC', '{1,2,3,4,5,6,7}', (now() AT TIME ZONE 'UTC' + interval '2 hours')::time, (now() AT TIME ZONE 'UTC' + interval '3 hours')::time)");
  }
}
