package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.DriverManager;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tokens are checked when a lookup is leased, and no lookup is assigned to a slot in advance. */
class PaceTest extends QueueTest {

  private static final int ONE_A_SECOND = 60;

  @Test
  void asManyAreLeasedAsTheInstanceHasTokensAndTheRestDoesNotMove() {
    fixture.enqueue(5, "demo");

    var claim = fixture.claimWithPace(10, ONE_A_SECOND);

    assertThat(claim.deliveries()).as("two seconds of the pace").hasSize(2);
    assertThat(claim.lines())
        .singleElement()
        .satisfies(line ->
            assertThat(line.openIn()).isBetween(Duration.ofMillis(500), Duration.ofMillis(1300)));
    assertThat(fixture.count("profile_pic.waiting")).isEqualTo(3);
    assertThat(fixture.claimWithPace(10, ONE_A_SECOND).deliveries()).isEmpty();
  }

  @Test
  void afterALongStopNoMoreStartThanTheBurst() {
    fixture.enqueue(600, "demo");
    fixture.claimWithPace(700, ONE_A_SECOND);

    // Ten minutes without any work.
    moveClocks("- interval '10 minutes'");

    assertThat(fixture.claimWithPace(700, ONE_A_SECOND).deliveries()).hasSize(2);
    assertThat(fixture.claimWithPace(700, ONE_A_SECOND).deliveries()).isEmpty();
  }

  @Test
  void aClockThatWentBackStallsAnInstanceForOneSpacingOnly() {
    fixture.enqueue(5, "demo");
    fixture.claimWithPace(1, ONE_A_SECOND);

    moveClocks("+ interval '1 hour'");

    var claim = fixture.claimWithPace(5, ONE_A_SECOND);
    assertThat(claim.deliveries()).isEmpty();
    assertThat(claim.lines().getFirst().openIn()).isLessThan(Duration.ofMillis(1500));

    moveClocks("- interval '1 second'");
    assertThat(fixture.claimWithPace(5, ONE_A_SECOND).deliveries())
        .as("one spacing later, not when the clock is where it was")
        .hasSize(1);
  }

  @Test
  void aLowerPaceHoldsFromTheNextLookupOn() {
    fixture.enqueue(50, "demo");
    setPace("demo", 600);
    assertThat(fixture.claimWithPace(100, ONE_A_SECOND).deliveries()).hasSize(20);

    setPace("demo", 6);
    moveClocks("- interval '9 seconds'");
    assertThat(fixture.claimWithPace(100, ONE_A_SECOND).deliveries()).hasSize(1);
    assertThat(fixture.claimWithPace(100, ONE_A_SECOND).deliveries()).isEmpty();
  }

  @Test
  void aPurgedQueueLeavesNobodyWaitingBehindIt() {
    fixture.enqueue(300, "demo");
    fixture.claimWithPace(1, ONE_A_SECOND);
    fixture.jdbc.queryForList("SELECT pgmq.purge_queue('profile_pic_queue')");
    fixture.queue.heal(0, 10_000);
    moveClocks("- interval '2 seconds'");

    long next = fixture.enqueue(fixture.lead());

    assertThat(fixture.claimWithPace(10, ONE_A_SECOND).deliveries())
        .extracting(delivery -> delivery.lease().messageId())
        .containsExactly(next);
  }

  @Test
  void aPauseKeepsTheOrderOfTheLine() {
    var messages = fixture.enqueue(5, "demo");
    var first = fixture.claimWithPace(1, ONE_A_SECOND).deliveries().getFirst();
    fixture.settle(Results.throttled(first, Duration.ofSeconds(30)));
    assertThat(fixture.claimWithPace(10, ONE_A_SECOND).deliveries()).isEmpty();

    fixture.jdbc.update("UPDATE profile_pic.instances SET paused_until = now()");
    moveClocks("- interval '30 seconds'");

    assertThat(fixture.claimWithPace(1, ONE_A_SECOND).deliveries())
        .extracting(delivery -> delivery.lease().messageId())
        .containsExactly(messages.get(1));
  }

  @Test
  void headersThatASenderWroteBuyNoLookup() {
    for (int i = 0; i < 20; i++) {
      fixture.jdbc.queryForList(
          "SELECT pgmq.send('profile_pic_queue', jsonb_build_object('lead_id', ?::text, 'phone', '5562999212484'), '{\"slot\": true}'::jsonb)",
          fixture.lead());
    }

    assertThat(fixture.claimWithPace(100, ONE_A_SECOND).deliveries()).hasSize(2);
  }

  @Test
  void whoIsLiveOvertakesBulkAndPriorityCounts() {
    var bulk = enqueueAs("bulk", null);
    var refresh = enqueueAs("refresh", null);
    var urgent = enqueueAs("refresh", "high");
    var live = enqueueAs("webhook", null);

    var order =
        fixture.claimWithPace(10, QueueFixture.FAST_PACE).deliveries().stream()
            .map(delivery -> delivery.lease().messageId())
            .toList();

    assertThat(order).containsExactly(urgent, live, bulk, refresh);
  }

  @Test
  void theTokensOfOneInstanceAreNoBusinessOfAnother() {
    fixture.enqueue(20, "flooded");
    fixture.enqueue(1, "quiet");

    assertThat(fixture.claimWithPace(100, ONE_A_SECOND).deliveries())
        .extracting(Delivery::instanceId)
        .containsExactlyInAnyOrder("flooded", "flooded", "quiet");
  }

  @Test
  void anInstancesOwnPaceWinsOverTheDefault() {
    setPace("demo", 6);
    fixture.enqueue(3, "demo");

    var claim = fixture.claimWithPace(10, ONE_A_SECOND);

    assertThat(claim.deliveries()).hasSize(1);
    assertThat(claim.lines().getFirst().openIn())
        .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(13));
  }

  @Test
  void aMessageThatBringsItsOwnUrlCostsNoToken() {
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

    assertThat(claim.deliveries()).hasSize(5).noneMatch(Delivery::lookupPaid);
    assertThat(fixture.count("profile_pic.pace_states")).isZero();
  }

  @Test
  void aLookupThatTurnsOutToBeNeededTakesATokenOfTheSameState() {
    assertThat(fixture.queue.takeToken("demo", ONE_A_SECOND)).isZero();
    assertThat(fixture.queue.takeToken("demo", ONE_A_SECOND)).isZero();
    assertThat(fixture.queue.takeToken("demo", ONE_A_SECOND))
        .isBetween(Duration.ofMillis(500), Duration.ofMillis(1000));

    fixture.enqueue(1, "demo");

    assertThat(fixture.claimWithPace(1, ONE_A_SECOND).deliveries()).isEmpty();
  }

  @Test
  void queriesBeyondTheTokenArePaidForBeforeTheNextLease() {
    fixture.enqueue(10, "demo");
    var claimed = fixture.claimWithPace(2, ONE_A_SECOND).deliveries();
    fixture.settle(
        Results.costing(3, Results.complete(claimed.get(0), "NOT_SET")),
        Results.complete(claimed.get(1), "NOT_SET"));

    moveClocks("- interval '3 seconds'");
    assertThat(fixture.claimWithPace(10, ONE_A_SECOND).deliveries())
        .as("five queries were made, three seconds pay for three")
        .isEmpty();
    moveClocks("- interval '2 seconds'");
    assertThat(fixture.claimWithPace(10, ONE_A_SECOND).deliveries()).hasSize(2);
  }

  @Test
  void whatIsGivenBackHasSpentItsToken() {
    fixture.enqueue(5, "demo");
    var claimed = fixture.claimWithPace(2, ONE_A_SECOND).deliveries();

    fixture.queue.release(claimed.stream().map(Delivery::lease).toList());

    assertThat(fixture.claimWithPace(5, ONE_A_SECOND).deliveries()).isEmpty();
    moveClocks("- interval '2 seconds'");
    assertThat(fixture.claimWithPace(5, ONE_A_SECOND).deliveries())
        .extracting(delivery -> delivery.lease().messageId())
        .containsExactlyElementsOf(
            claimed.stream().map(delivery -> delivery.lease().messageId()).toList());
  }

  @Test
  void anInstanceThatAnotherReplicaHoldsIsSkipped() throws Exception {
    fixture.enqueue(1, "held");
    fixture.enqueue(1, "free");
    try (var other = java.sql.DriverManager.getConnection(fixture.jdbcUrl())) {
      other.setAutoCommit(false);
      try (var statement = other.createStatement()) {
        statement.execute(
            "SELECT FROM profile_pic.instances WHERE instance_id = 'held' FOR UPDATE");
      }

      assertThat(fixture.claimWithPace(10, ONE_A_SECOND).deliveries())
          .extracting(Delivery::instanceId)
          .containsExactly("free");
      other.rollback();
    }
    assertThat(fixture.claimWithPace(10, ONE_A_SECOND).deliveries()).hasSize(1);
  }

  @Test
  void aFastPaceStillClaimsInBatches() {
    fixture.enqueue(50, "demo");

    assertThat(fixture.claimWithPace(50, 60_000).deliveries()).hasSize(50);
  }

  private long enqueueAs(String kind, @org.jspecify.annotations.Nullable String priority) {
    return fixture.send(
        "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\", \"sync_type\": \"%s\"%s}"
            .formatted(
                fixture.lead(),
                kind,
                priority == null ? "" : ", \"priority\": \"" + priority + "\""));
  }

  private void setPace(String instance, int pace) {
    fixture.jdbc.update(
        """
        INSERT INTO profile_pic.instances (instance_id, pace_per_minute) VALUES (?, ?)
        ON CONFLICT (instance_id) DO UPDATE SET pace_per_minute = excluded.pace_per_minute
        """,
        instance,
        pace);
  }

  /** Moves the token states in time, as if they had been written earlier or later. */
  private void moveClocks(String by) {
    fixture.jdbc.update("UPDATE profile_pic.pace_states SET tat = tat " + by);
  }

  @Test
  void anInstanceThatSomebodyHoldsHasNoToken() throws Exception {
    fixture.queue.takeToken("demo", ONE_A_SECOND);
    try (var operator = DriverManager.getConnection(fixture.jdbcUrl())) {
      operator.setAutoCommit(false);
      operator.createStatement().execute("SELECT FROM profile_pic.instances FOR UPDATE");
      fixture.waitForLocksAtMost("10s");

      assertThat(fixture.queue.takeToken("demo", ONE_A_SECOND)).isPositive();
    }
  }
}
