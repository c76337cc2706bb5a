package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Refreshes and bulk syncs that are asked for together: a query a minute. */
class BatchClaimTest {

  private static final Duration SPACING = Duration.ofSeconds(20);

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
  void aHundredLeadsThatAreDueAreLeasedForTheTokenOfOneQuery() {
    due(150);

    assertThat(feed()).isEqualTo(100);
    assertThat(feed()).as("while they wait").isZero();
    assertThat(claimAlone()).as("alone").isEmpty();
    assertThat(batch()).hasSize(100).allMatch(Delivery::lookupPaid);

    assertThat(fixture.one(Long.class, "SELECT profile_pic.take_token('demo', 1)"))
        .as("milliseconds until the next query")
        .isBetween(50_000L, 60_000L);
  }

  @Test
  void withoutATokenNothingIsLeasedAndTheWaitIsTold() {
    due(3);
    feed();
    fixture.one(Long.class, "SELECT profile_pic.take_token('demo', 1)");

    var claim = claimBatch();

    assertThat(claim.deliveries()).isEmpty();
    assertThat(claim.lines())
        .singleElement()
        .satisfies(line ->
            assertThat(line.openIn()).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60)));
  }

  @Test
  void leadsWaitUntilAHundredAreDueButNotForLong() {
    due(99);

    assertThat(feed("1 hour")).isZero();

    due(1);
    assertThat(feed("1 hour")).isEqualTo(100);
    empty();
    fixture.jdbc.update(
        "UPDATE profile_pic.pictures SET next_check_at = now() - CASE WHEN lead_id = (SELECT min(lead_id) FROM profile_pic.pictures) THEN interval '61 minutes' ELSE interval '-1 day' END");
    assertThat(feed("1 hour")).isEqualTo(1);
  }

  @Test
  void instancesWhoseSourceHasNoBatchesAreFedAsBefore() {
    due(50);

    assertThat(
            fixture.one(
                Long.class,
                "SELECT profile_pic.feed_refreshes('demo', 60, '5 s', 200, true, '{demo}', '0')"))
        .isEqualTo(5);
    assertThat(claimBatch().deliveries()).isEmpty();
    assertThat(claimAlone()).hasSize(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"HIDDEN", "UNKNOWN", "KEPT"})
  void aLeadOfWhichABatchCannotTellIsLookedUpAlone(String reason) {
    due(1);
    fixture.jdbc.update("UPDATE profile_pic.pictures SET reason = ?", reason);
    feed();

    assertThat(claimBatch().deliveries()).isEmpty();
    assertThat(claimAlone()).hasSize(1);
  }

  @Test
  void aBulkSyncIsFedAHundredAtATime() {
    fixture.jdbc.update(
        "INSERT INTO public.leads (phone, instance_id) SELECT '55629' || (90000000 + n), 'demo' FROM generate_series(1, 150) AS n");
    fixture.jdbc.update(
        "INSERT INTO profile_pic.syncs (instance_id, kind, total, batch_size) VALUES ('demo', 'without_photo', 150, 500)");

    assertThat(fixture.one(Long.class, "SELECT profile_pic.feed_syncs(60, '5 s', true, '{}')"))
        .isEqualTo(100);
    assertThat(batch()).hasSize(100);
  }

  @Test
  void whatNobodyAsksForTogetherIsLookedUpAloneInTheEnd() {
    due(3);
    feed();

    fixture.jdbc.update(
        "UPDATE pgmq.q_profile_pic_queue SET vt = vt - profile_pic.batch_patience() - interval '1 ms'");

    assertThat(claimAlone()).hasSize(3);
    assertThat(claimBatch().deliveries()).isEmpty();
  }

  @Test
  void aBatchTakesWhatStandsInItsLineMeanwhile() {
    due(3);
    feed();
    fixture.jdbc.update(
        "UPDATE pgmq.q_profile_pic_queue SET vt = vt - profile_pic.batch_patience() - interval '1 ms'");
    fixture.queue.adopt(1, 100);

    assertThat(batch()).hasSize(3);
    assertThat(fixture.count("profile_pic.waiting")).isZero();
  }

  @Test
  void aLiveEventOvertakesTheBatchThatItsLeadWaitsFor() {
    due(3);
    feed();
    var lead = fixture.one(String.class, "SELECT min(lead_id) FROM profile_pic.pictures");

    fixture.jdbc.update(
        "UPDATE profile_pic.pictures SET state = 'PENDING' WHERE lead_id = ?", lead);
    fixture.jdbc.queryForList(
        "SELECT * FROM profile_pic.enqueue(jsonb_build_array(jsonb_build_object('lead_id', ?::text, 'phone', '5562999212484')))",
        lead);

    assertThat(claimAlone())
        .singleElement()
        .satisfies(
            delivery -> assertThat(delivery.lead()).extracting(Delivery.Lead::id).isEqualTo(lead));
    assertThat(batch()).hasSize(2);
  }

  @Test
  void anotherBulkRequestOvertakesNothing() {
    due(1);
    feed();
    var lead = fixture.one(String.class, "SELECT min(lead_id) FROM profile_pic.pictures");

    fixture.jdbc.update("UPDATE profile_pic.pictures SET state = 'PENDING'");
    fixture.enqueue(Map.of("lead_id", lead, "phone", "5562999212484", "sync_type", "bulk"));

    assertThat(claimAlone()).isEmpty();
    assertThat(batch()).hasSize(1);
  }

  @Test
  void aForcedEventThatComesWhileItsBatchRunsIsServedAfterwards() {
    due(1);
    feed();
    var running = batch().getFirst();
    var lead = fixture.one(String.class, "SELECT min(lead_id) FROM profile_pic.pictures");
    fixture.enqueue(Map.of("lead_id", lead, "phone", "5562999212484", "force_update", true));
    assertThat(claimAlone()).isEmpty();

    fixture.settle(Results.complete(running, "NOT_SET"));

    assertThat(claimAlone()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "paused_until = now() + interval '1 minute'",
        "quiet_from = (now() AT TIME ZONE 'UTC' - interval '1 hour')::time, quiet_to = (now() AT TIME ZONE 'UTC' + interval '1 hour')::time, quiet_zone = 'UTC'"
      })
  void aNumberThatRestsOrIsOutsideItsWorkingHoursIsAskedNothing(String rests) {
    due(2);
    feed();
    fixture.jdbc.update("UPDATE profile_pic.instances SET " + rests);

    assertThat(claimBatch().deliveries()).isEmpty();

    fixture.jdbc.update(
        "UPDATE profile_pic.instances SET paused_until = '-infinity', quiet_from = NULL, quiet_to = NULL, quiet_zone = NULL");
    assertThat(batch()).hasSize(2);
  }

  @Test
  void twoBatchesKeepTheirDistance() {
    due(2);
    feed();
    batch();
    due(2);
    fixture.jdbc.update("DELETE FROM profile_pic.refreshes");
    assertThat(feed()).isEqualTo(2);
    fixture.jdbc.update("DELETE FROM profile_pic.pace_states");

    assertThat(claimBatch().deliveries()).isEmpty();

    fixture.jdbc.update(
        "UPDATE profile_pic.instances SET next_batch_at = next_batch_at - interval '21 seconds'");
    assertThat(batch()).hasSize(2);
  }

  @Test
  void theBatchOfAWorkerThatDiedIsAskedByAnotherAndTheFirstSettlesNothing() {
    due(2);
    feed();
    var first = batch();
    first.forEach(delivery -> fixture.expireLease(delivery.lease().messageId()));
    fixture.queue.adopt(1, 100);
    tokensAgain();
    var second = batch();
    assertThat(second).hasSize(2);

    assertThat(fixture.settle(unset(first))).isEmpty();
    assertThat(fixture.settle(unset(second))).hasSize(2);

    assertThat(fixture.queued()).isZero();
    assertThat(fixture.count("profile_pic.deliveries")).isZero();
  }

  @Test
  void aBatchThatIsGivenBackIsAskedForAgain() {
    due(2);
    feed();
    fixture.queue.release(batch().stream().map(Delivery::lease).toList());
    tokensAgain();

    assertThat(batch()).hasSize(2);
  }

  @Test
  void whoComesBackAtOnceIsLookedUpAlone() {
    due(1);
    feed();

    fixture.settle(deferred(batch().getFirst(), Duration.ZERO));
    tokensAgain();

    assertThat(claimBatch().deliveries()).isEmpty();
    assertThat(claimAlone())
        .singleElement()
        .satisfies(delivery -> {
          assertThat(delivery.attempts()).isZero();
          assertThat(delivery.deliveries()).isEqualTo(1);
        });
  }

  @Test
  void whoComesBackLaterIsAskedForWithOthersWhenTheWaitIsOver() {
    due(1);
    feed();
    fixture.settle(
        deferred(batch().getFirst(), BatchProperties.PATIENCE.plus(Duration.ofMinutes(1))));
    tokensAgain();
    assertThat(claimBatch().deliveries()).isEmpty();

    fixture.jdbc.update("UPDATE pgmq.q_profile_pic_queue SET vt = vt - interval '1 minute'");
    tokensAgain();

    assertThat(batch()).hasSize(1);
  }

  @Test
  void theWorkersPatienceIsTheDatabases() {
    assertThat(
            fixture.one(
                Long.class, "SELECT extract(epoch FROM profile_pic.batch_patience())::bigint"))
        .isEqualTo(BatchProperties.PATIENCE.toSeconds());
  }

  /** Leads that have no photo, and are due for a look. */
  private void due(int count) {
    fixture.jdbc.update(
        """
        WITH added AS (
          INSERT INTO public.leads (phone, instance_id) SELECT '5562999212484', 'demo' FROM generate_series(1, ?) RETURNING id
        )
        INSERT INTO profile_pic.pictures (lead_id, phone, instance_id, state, reason, requested_at, checked_at, next_check_at)
        SELECT id::text, '5562999212484', 'demo', 'NOT_SET', 'NOT_SET', now() - interval '15 days', now() - interval '14 days', now() - interval '1 minute'
        FROM added
        """,
        count);
  }

  private long feed() {
    return feed("0 s");
  }

  private long feed(String gathering) {
    return fixture.one(
        Long.class,
        "SELECT profile_pic.feed_refreshes('demo', 60, '5 s', 200, true, '{}', ?::interval)",
        gathering);
  }

  private void empty() {
    fixture.jdbc.update("DELETE FROM pgmq.q_profile_pic_queue");
    fixture.jdbc.update("UPDATE profile_pic.requests SET message_id = NULL");
  }

  private void tokensAgain() {
    fixture.jdbc.update("DELETE FROM profile_pic.pace_states");
    fixture.jdbc.update("UPDATE profile_pic.instances SET next_batch_at = '-infinity'");
  }

  private Claim claimBatch() {
    return fixture.queue.claimBatch(100, QueueFixture.LEASE, SPACING, 1, () -> true);
  }

  private List<Delivery> batch() {
    var deliveries = claimBatch().deliveries();
    assertThat(deliveries).isNotEmpty();
    return deliveries;
  }

  private List<Delivery> claimAlone() {
    return fixture.claim(100);
  }

  private static Settlement[] unset(List<Delivery> deliveries) {
    return deliveries.stream()
        .map(delivery -> Results.complete(delivery, "NOT_SET"))
        .toArray(Settlement[]::new);
  }

  private static Settlement deferred(Delivery delivery, Duration delay) {
    return new Settlement(
        delivery, new Disposition.Defer(delay, null, null, false), "PACED", null, 0, null);
  }
}
