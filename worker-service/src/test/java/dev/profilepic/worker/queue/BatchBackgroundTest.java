package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cost per lead of steps of background work, and of reads of the console. */
class BatchBackgroundTest extends BatchCosts {

  BatchBackgroundTest(Statistics statistics) {
    super(statistics);
  }

  @Test
  void refreshesThatAreFed() {
    assertCostsTheSame(size -> {
      known(size, "now() - interval '1 hour'");
      return ask("SELECT profile_pic.feed_refreshes('demo', 60000, '1 minute', 1000)");
    });
  }

  @Test
  void aSyncThatIsFed() {
    assertCostsTheSame(size -> {
      known(size, "now()");
      sync("null");
      return ask("SELECT profile_pic.feed_syncs(60000, '1 minute')");
    });
  }

  @Test
  void resultsOfASync() {
    assertCostsTheSame(size -> {
      var deliveries = claimed(size);
      sync("(SELECT r.message_id FROM profile_pic.requests AS r WHERE r.lead_id = l.id::text)");
      return settle(stored(deliveries));
    });
  }

  @Test
  void leadsThatWaitForAnotherOnesAnswer() {
    assertCostsTheSame(size -> {
      var deliveries = claimed(size);
      leads(size);
      fixture.jdbc.queryForList(
          """
          SELECT * FROM profile_pic.enqueue((
            SELECT jsonb_agg(jsonb_build_object('lead_id', id, 'phone', phone, 'instance_id', 'demo', 'sibling', true))
            FROM public.leads WHERE id::text NOT IN (SELECT lead_id FROM profile_pic.pictures)))
          """);
      analyze();
      return settle(stored(deliveries));
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "forget_history('0', NULL, 1000)",
        "forget_orphans('0', NULL, 1000)",
        "forget_lost_requests('0', NULL, 1000)",
        "forget_siblings('0', NULL, 1000)",
        "forget_deleted_leads('0', NULL, 1000)",
        "lead_cards(NULL, ARRAY(SELECT id::text FROM public.leads))",
        "latest_leads(NULL, NULL, 9223372036854775807, 1000)"
      })
  void choresAndListsOfTheConsole(String call) {
    assertCostsTheSame(size -> {
      queue.settle(stored(claimed(size)), "test", false);
      analyze();
      return ask("SELECT * FROM profile_pic." + call);
    });
  }

  @Test
  void lidsThatAreLearned() {
    assertCostsTheSame(size -> {
      leads(size);
      var told =
          """
          SELECT profile_pic.learn_lids(
            array_agg('demo'::text), array_agg((10000000000000 + n)::text), array_agg((5562990000000 + n)::text),
            array_agg('asked'::text), array_agg(now()))
          FROM generate_series(1, (SELECT count(*) FROM public.leads)) AS n
          """;
      fixture.jdbc.queryForList(told);
      analyze();
      return ask(told);
    });
  }

  private double ask(String sql) {
    return counted.of(() -> assertThat(session.queryForList(sql)).isNotEmpty());
  }

  /** Adds a running sync of all leads. */
  private void sync(String messageIds) {
    fixture.jdbc.update("DELETE FROM profile_pic.syncs");
    fixture.jdbc.update(
        "INSERT INTO profile_pic.syncs (instance_id, kind, total, batch_size, fed_all) VALUES ('demo', 'list', 1, 500, true)");
    fixture.jdbc.update(
        """
        INSERT INTO profile_pic.sync_items (sync_id, lead_id, phone, message_id)
        SELECT s.id, l.id::text, l.phone, %s FROM profile_pic.syncs AS s, public.leads AS l
        """
            .formatted(messageIds));
    analyze();
  }
}
