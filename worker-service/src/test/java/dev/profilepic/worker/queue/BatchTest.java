package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;

/** Leads that are due, and the steps that look them up together. */
abstract class BatchTest extends QueueTest {

  static final Duration SPACING = Duration.ofSeconds(20);

  /** Adds leads that have no photo and are due for a lookup. */
  void due(int count) {
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

  long feed() {
    return feed("0 s");
  }

  long feed(String gathering) {
    return fixture.one(
        Long.class,
        "SELECT profile_pic.feed_refreshes('demo', 60, '5 s', 200, true, '{}', ?::interval)",
        gathering);
  }

  void tokensAgain() {
    fixture.jdbc.update("DELETE FROM profile_pic.pace_states");
    fixture.jdbc.update("UPDATE profile_pic.instances SET next_batch_at = '-infinity'");
  }

  Claim claimBatch() {
    return fixture.queue.claimBatch(100, QueueFixture.LEASE, SPACING, 1, () -> true);
  }

  List<Delivery> batch() {
    var deliveries = claimBatch().deliveries();
    assertThat(deliveries).isNotEmpty();
    return deliveries;
  }

  List<Delivery> claimAlone() {
    return fixture.claim(100);
  }
}
