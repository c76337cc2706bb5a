package dev.profilepic.worker.housekeeping;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The retention period of each kind of row. */
class RetentionTest extends ChoresTest {

  @Test
  void eventsThatWereToldLongAgoAreForgottenWithTheirDeliveries() {
    jdbc.execute(
        """
        INSERT INTO profile_pic.webhook_endpoints (kind, url, events, secret) VALUES ('webhook', 'https://example.com', '{lead.failed}', '');
        INSERT INTO profile_pic.webhook_events (type, at, data)
        SELECT 'lead.failed', now() - CASE WHEN n <= 25 THEN interval '31 days' ELSE interval '29 days' END, '{}' FROM generate_series(1, 27) AS n;
        SELECT profile_pic.spread_events(100)
        """);

    assertThat(housekeeping().doWhatIsDue()).containsEntry(Chore.EVENTS, 25L);

    assertThat(
            jdbc.queryForObject(
                "SELECT count(*) FROM profile_pic.webhook_deliveries", Integer.class))
        .isEqualTo(2);
  }

  @Test
  void oldHistoryGoesAndTheNewestOfEachLeadStays() {
    // 30 leads with two old rows each. The leads with odd numbers also have a young row.
    history("SELECT n, 400 FROM generate_series(1, 30) AS n");
    history("SELECT n, 380 FROM generate_series(1, 30) AS n");
    history("SELECT n, 10 FROM generate_series(1, 30, 2) AS n");

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.HISTORY, 45L);

    assertThat(count("profile_pic.picture_history")).isEqualTo(30);
    assertThat(count("profile_pic.picture_history WHERE at > now() - interval '20 d'"))
        .isEqualTo(15);
    assertThat(
            count(
                "(SELECT DISTINCT lead_id FROM profile_pic.picture_history WHERE at > now() - interval '390 d') AS leads"))
        .isEqualTo(30);
    assertThat(
            meters.get("profilepic.housekeeping.removed").tag("chore", "history").counter().count())
        .isEqualTo(45);
  }

  @Test
  void theArchiveIsKeptForAMonth() {
    jdbc.execute("SELECT pgmq.send('profile_pic_queue', '{}') FROM generate_series(1, 35)");
    jdbc.execute("SELECT pgmq.archive('profile_pic_queue', msg_id) FROM pgmq.q_profile_pic_queue");
    jdbc.update(
        "UPDATE pgmq.a_profile_pic_queue SET archived_at = now() - interval '31 d' WHERE msg_id <= 25");

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.ARCHIVE, 25L);

    assertThat(count("pgmq.a_profile_pic_queue")).isEqualTo(10);
  }

  @Test
  void archivedDeadLettersAreKeptForAMonthToo() {
    jdbc.execute("SELECT pgmq.send('profile_pic_dlq', '{}') FROM generate_series(1, 35)");
    jdbc.execute("SELECT pgmq.archive('profile_pic_dlq', msg_id) FROM pgmq.q_profile_pic_dlq");
    jdbc.update(
        "UPDATE pgmq.a_profile_pic_dlq SET archived_at = now() - interval '31 d' WHERE msg_id <= 25");

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.ARCHIVE, 25L);

    assertThat(count("pgmq.a_profile_pic_dlq")).isEqualTo(10);
  }

  @Test
  void deadLettersThatNobodyWantedGoAfterNinetyDays() {
    jdbc.execute("SELECT pgmq.send('profile_pic_dlq', '{}') FROM generate_series(1, 37)");
    jdbc.update(
        "UPDATE pgmq.q_profile_pic_dlq SET enqueued_at = now() - interval '91 d' WHERE msg_id <= 25");

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.DEAD_LETTERS, 25L);

    assertThat(count("pgmq.q_profile_pic_dlq")).isEqualTo(12);
    assertThat(
            meters
                .get("profilepic.housekeeping.removed")
                .tag("chore", "dead_letters")
                .counter()
                .count())
        .isEqualTo(25);
  }

  @Test
  void receiptsGoAfterThreeDaysAndStayForADayWhateverIsAsked() {
    jdbc.update(
        "INSERT INTO profile_pic.webhook_receipts (source, webhook_id, signed_at, accepted_at) SELECT 'waha', n, now(), now() - n * interval '4 h' + interval '1 h' FROM generate_series(1, 40) AS n");

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.RECEIPTS, 22L);
    jdbc.execute("SELECT profile_pic.forget_receipts('1 minute', NULL, 100)");

    assertThat(count("profile_pic.webhook_receipts")).isEqualTo(6);
  }

  @Test
  void eventsOfPeopleWhomNobodyKnowsGoAfterNinetyDays() {
    jdbc.update(
        "INSERT INTO profile_pic.unmatched_events (lid, instance_id, force, occurred_at, recorded_at) SELECT n, 'demo', false, now(), now() - CASE WHEN n <= 25 THEN interval '91 d' ELSE interval '89 d' END FROM generate_series(1, 30) AS n");

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.UNMATCHED, 25L);

    assertThat(count("profile_pic.unmatched_events")).isEqualTo(5);
  }

  @Test
  void samplesOfWhatNobodyCouldReadGoWhenNoneOfTheirKindCame() {
    jdbc.update(
        "INSERT INTO profile_pic.unrecognised_webhooks (kind, instance_id, seen, first_at, last_at, sample) SELECT 'waha', n, 1, now() - interval '1 year', now() - CASE WHEN n <= 25 THEN interval '91 d' ELSE interval '1 d' END, '{}' FROM generate_series(1, 30) AS n");

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.UNRECOGNISED, 25L);

    assertThat(count("profile_pic.unrecognised_webhooks")).isEqualTo(5);
  }

  @Test
  void lidsGoWhenNoEventHasToldOfThemForAYear() {
    jdbc.update(
        "INSERT INTO profile_pic.lids (instance_id, lid, phone, learned_at, told_at) SELECT 'demo', n, '5562999212484', now() - interval '2 years', now() - CASE WHEN n <= 25 THEN interval '366 d' ELSE interval '1 d' END FROM generate_series(1, 30) AS n");

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.LIDS, 25L);

    assertThat(count("profile_pic.lids")).isEqualTo(5);
  }

  @Test
  void whatEndedLongAgoGoesWithItsLeadsAndWhatRunsStays() {
    long old = sync("DONE", 91);
    sync("CANCELLED", 10);
    sync("RUNNING", 0);

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.SYNCS, 25L);

    assertThat(count("profile_pic.syncs WHERE id = " + old)).isZero();
    assertThat(count("profile_pic.syncs")).isEqualTo(2);
    assertThat(count("profile_pic.sync_items")).isEqualTo(50);
  }

  @Test
  void whoWaitsForAMessageThatIsGoneWaitsNoMore() {
    jdbc.update(
        "INSERT INTO public.leads (phone) SELECT '55629' || (90000000 + n) FROM generate_series(1, 25) AS n");
    jdbc.execute(
        "SELECT profile_pic.enqueue(jsonb_agg(jsonb_build_object('lead_id', id, 'phone', phone, 'sibling', true))) FROM public.leads");
    jdbc.update("DELETE FROM pgmq.q_profile_pic_queue WHERE msg_id <= 13");

    assertThat(housekeeping.doWhatIsDue())
        .containsEntry(Chore.SIBLINGS, 13L)
        .containsEntry(Chore.LOST_REQUESTS, 13L);

    assertThat(count("profile_pic.lookup_siblings")).isEqualTo(12);
    assertThat(count("profile_pic.requests WHERE message_id IS NOT NULL")).isEqualTo(12);
  }

  /**
   * @param leadAndDays a query of lead ids and ages in days
   */
  private void history(String leadAndDays) {
    jdbc.update(
        "INSERT INTO profile_pic.picture_history (lead_id, at, outcome, state, message_id) SELECT h.lead, now() - h.days * interval '1 day', 'STORED', 'STORED', 1 FROM ("
            + leadAndDays
            + ") AS h (lead, days)");
  }

  /** Adds a sync of 25 leads. */
  private long sync(String state, int endedDaysAgo) {
    Long id =
        jdbc.queryForObject(
            """
            INSERT INTO profile_pic.syncs (instance_id, kind, state, total, batch_size, finished_at)
            VALUES (?, 'list', ?, 25, 10, CASE WHEN ? > 0 THEN now() - ? * interval '1 day' END) RETURNING id
            """,
            Long.class,
            "instance-" + state,
            state,
            endedDaysAgo,
            endedDaysAgo);
    jdbc.update(
        "INSERT INTO profile_pic.sync_items (sync_id, lead_id, outcome) SELECT ?, n, 'STORED' FROM generate_series(1, 25) AS n",
        id);
    return id == null ? 0 : id;
  }
}
