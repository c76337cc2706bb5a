package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PaceTest {

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

  @Test
  void workWithoutAFreeSlotIsPutToItsSlotOnceAndUncounted() {
    for (int i = 0; i < 5; i++) {
      fixture.enqueue(fixture.lead());
    }

    var first = fixture.claimWithPace(10, ONE_A_SECOND);
    var second = fixture.claimWithPace(10, ONE_A_SECOND);

    assertThat(first.deliveries()).hasSize(1);
    assertThat(first.postponed()).isEqualTo(4);
    assertThat(second.deliveries()).isEmpty();
    assertThat(second.postponed()).isZero();
    assertThat(fixture.count("pgmq.q_profile_pic_queue WHERE read_ct = 0")).isEqualTo(4);
    assertThat(secondsBetweenSlots())
        .hasSize(3)
        .allSatisfy(seconds -> assertThat(seconds).isBetween(0.8, 1.2));
  }

  @Test
  void workThatFindsASlotButNoPlaceIsNotPostponed() {
    for (int i = 0; i < 5; i++) {
      fixture.enqueue(fixture.lead());
    }

    var first = fixture.queue.claim(2, 5, QueueFixture.LEASE, null, QueueFixture.FAST_PACE);
    var second = fixture.queue.claim(5, 5, QueueFixture.LEASE, null, QueueFixture.FAST_PACE);

    assertThat(first.deliveries()).hasSize(2);
    assertThat(first.postponed()).as("a reason to look deeper into the queue").isZero();
    assertThat(second.deliveries()).hasSize(3).allMatch(Delivery::lookupReserved);
  }

  @Test
  void aSlotThatCameIsUsedWithoutReservingAnother() {
    fixture.enqueue(fixture.lead());
    fixture.enqueue(fixture.lead());
    fixture.claimWithPace(10, ONE_A_SECOND);
    var reserved = nextSlot("demo");

    fixture.jdbc.update("UPDATE pgmq.q_profile_pic_queue SET vt = now() WHERE read_ct = 0");
    var claim = fixture.claimWithPace(10, ONE_A_SECOND);

    assertThat(claim.deliveries()).hasSize(1);
    assertThat(claim.deliveries().getFirst().lookupReserved()).isTrue();
    assertThat(nextSlot("demo")).isEqualTo(reserved);
  }

  @Test
  void theSlotsOfOneInstanceAreNoBusinessOfAnother() {
    for (int i = 0; i < 20; i++) {
      fixture.enqueue(fixture.lead("flooded"));
    }
    fixture.enqueue(fixture.lead("quiet"));

    var claim = fixture.claimWithPace(100, ONE_A_SECOND);

    assertThat(claim.deliveries())
        .extracting(Delivery::instanceId)
        .containsExactlyInAnyOrder("flooded", "quiet");
  }

  @Test
  void anInstancesOwnPaceWinsOverTheDefault() {
    fixture.jdbc.update(
        "INSERT INTO profile_pic.instances (instance_id, pace_per_minute) VALUES ('demo', 6)");
    for (int i = 0; i < 3; i++) {
      fixture.enqueue(fixture.lead());
    }

    fixture.claimWithPace(10, ONE_A_SECOND);

    assertThat(secondsBetweenSlots())
        .hasSize(1)
        .allSatisfy(seconds -> assertThat(seconds).isBetween(8.0, 12.0));
  }

  @Test
  void aMessageThatBringsItsOwnUrlCostsNoPace() {
    for (int i = 0; i < 5; i++) {
      fixture.enqueue(
          Map.of(
              "lead_id",
              fixture.lead(),
              "phone",
              "5562999212484",
              "profile_pic_url",
              "https://pps.whatsapp.net/x.jpg"));
    }

    var claim = fixture.claimWithPace(10, ONE_A_SECOND);

    assertThat(claim.deliveries()).hasSize(5).noneMatch(Delivery::lookupReserved);
    assertThat(fixture.count("profile_pic.instances")).isZero();
  }

  @Test
  void aLookupThatTurnsOutToBeNeededReservesInTheSameRow() {
    assertThat(fixture.queue.reserve("demo", ONE_A_SECOND)).isZero();
    assertThat(fixture.queue.reserve("demo", ONE_A_SECOND))
        .isBetween(Duration.ofMillis(800), Duration.ofMillis(1000));

    fixture.enqueue(fixture.lead());

    assertThat(fixture.claimWithPace(1, ONE_A_SECOND).deliveries()).isEmpty();
  }

  @Test
  void aPauseMovesEverySlotOfTheInstanceBehindItsEnd() {
    fixture.enqueue(fixture.lead());
    fixture.enqueue(fixture.lead());
    fixture.enqueue(fixture.lead());
    var claimed = fixture.claimWithPace(10, ONE_A_SECOND).deliveries().getFirst();

    fixture.settle(Results.throttled(claimed, Duration.ofMinutes(10)));
    fixture.jdbc.update("UPDATE pgmq.q_profile_pic_queue SET vt = now()");
    var claim = fixture.claimWithPace(10, ONE_A_SECOND);

    assertThat(claim.deliveries()).isEmpty();
    assertThat(fixture.count("pgmq.q_profile_pic_queue WHERE vt > now() + interval '9 minutes'"))
        .isEqualTo(3);
  }

  @Test
  void inQuietHoursAnInstanceAsksNothingUntilTheirEnd() {
    quietHours("- interval '1 hour'", "+ interval '2 hours'");
    fixture.enqueue(fixture.lead());
    fixture.enqueue(fixture.lead("another"));

    var claim = fixture.claimWithPace(10, ONE_A_SECOND);

    assertThat(claim.deliveries()).extracting(Delivery::instanceId).containsExactly("another");
    assertThat(
            fixture.count(
                "pgmq.q_profile_pic_queue WHERE read_ct = 0 AND vt BETWEEN now() + interval '119 min' AND now() + interval '121 min'"))
        .isEqualTo(1);
  }

  @Test
  void outsideItsQuietHoursAnInstanceIsAskedAsEver() {
    quietHours("+ interval '1 hour'", "+ interval '2 hours'");
    fixture.enqueue(fixture.lead());

    assertThat(fixture.claimWithPace(10, ONE_A_SECOND).deliveries()).hasSize(1);
  }

  @Test
  void aSlotThatFallsIntoQuietHoursIsPutBehindTheirEnd() {
    fixture.enqueue(fixture.lead());
    fixture.enqueue(fixture.lead());
    fixture.claimWithPace(10, ONE_A_SECOND);
    quietHours("- interval '1 hour'", "+ interval '2 hours'");

    fixture.jdbc.update("UPDATE pgmq.q_profile_pic_queue SET vt = now() WHERE read_ct = 0");

    assertThat(fixture.claimWithPace(10, ONE_A_SECOND).deliveries()).isEmpty();
  }

  /**
   * Quiet hours of the instance {@code demo}, relative to now, in a zone that is not the server's.
   */
  private void quietHours(String from, String to) {
    fixture.jdbc.update(
        """
        INSERT INTO profile_pic.instances (instance_id, quiet_from, quiet_to, quiet_zone)
        VALUES ('demo', (now() AT TIME ZONE 'America/Sao_Paulo' %s)::time, (now() AT TIME ZONE 'America/Sao_Paulo' %s)::time, 'America/Sao_Paulo')
        ON CONFLICT (instance_id) DO UPDATE
          SET quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, quiet_zone = excluded.quiet_zone
        """
            .formatted(from, to));
  }

  @Test
  void aFastPaceStillClaimsInBatches() {
    for (int i = 0; i < 50; i++) {
      fixture.enqueue(fixture.lead());
    }

    // 60,000 a minute are 100 in the 100 ms that count as now.
    assertThat(fixture.claimWithPace(50, 60_000).deliveries()).hasSize(50);
  }

  private List<Double> secondsBetweenSlots() {
    return fixture.jdbc.queryForList(
        """
        SELECT gap FROM (
          SELECT extract(epoch FROM vt - lag(vt) OVER (ORDER BY vt))::double precision AS gap
          FROM pgmq.q_profile_pic_queue WHERE read_ct = 0) AS gaps
        WHERE gap IS NOT NULL
        """,
        Double.class);
  }

  private String nextSlot(String instance) {
    return fixture.one(
        String.class,
        "SELECT next_slot_at::text FROM profile_pic.instances WHERE instance_id = ?",
        instance);
  }
}
