package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Refreshes and bulk syncs that look up many leads with one query: one query a minute. */
class BatchClaimTest extends BatchTest {

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

  @Test
  void aNumberThatRestsIsNotHeld() {
    due(2);
    feed();
    fixture.jdbc.update(
        "UPDATE profile_pic.instances SET paused_until = now() + interval '1 minute'");
    var before = lastHolder();

    assertThat(claimBatch().deliveries()).isEmpty();

    assertThat(lastHolder()).isEqualTo(before);
  }

  /** Returns the id of the transaction that held the number's row last. */
  private String lastHolder() {
    return fixture.one(
        String.class, "SELECT xmax::text FROM profile_pic.instances WHERE instance_id = 'demo'");
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
