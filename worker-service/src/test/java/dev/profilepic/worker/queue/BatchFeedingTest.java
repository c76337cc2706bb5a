package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Leads that wait for a batch, and leads that are looked up alone in the end. */
class BatchFeedingTest extends BatchTest {

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
  void theWorkersPatienceIsTheDatabases() {
    assertThat(
            fixture.one(
                Long.class, "SELECT extract(epoch FROM profile_pic.batch_patience())::bigint"))
        .isEqualTo(BatchProperties.PATIENCE.toSeconds());
  }

  private void empty() {
    fixture.jdbc.update("DELETE FROM pgmq.q_profile_pic_queue");
    fixture.jdbc.update("UPDATE profile_pic.requests SET message_id = NULL");
  }
}
