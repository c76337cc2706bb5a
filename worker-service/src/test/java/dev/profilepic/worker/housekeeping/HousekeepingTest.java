package dev.profilepic.worker.housekeeping;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** Ten rows per step. The housekeeper works as the worker's own role. */
class HousekeepingTest {

  private final TestDatabase database = TestDatabase.migrated();
  private final JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
  private final SingleConnectionDataSource housekeepers =
      new SingleConnectionDataSource(database.jdbcUrl(), true);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Housekeeping housekeeping = housekeeping();

  @AfterEach
  void drop() {
    housekeepers.destroy();
    database.close();
  }

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
    // 30 leads, each with two old rows; the odd ones have a young one too.
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
  void bytesThatNoLeadHasGoAfterAnHour() {
    avatars("SELECT 'orphan-' || n, interval '2 h' FROM generate_series(1, 25) AS n");
    avatars("SELECT 'young-' || n, interval '59 min' FROM generate_series(1, 12) AS n");
    avatars("SELECT 'used-' || n, interval '2 h' FROM generate_series(1, 12) AS n");
    jdbc.update(
        "INSERT INTO profile_pic.pictures (lead_id, phone, storage_key, requested_at) SELECT n, '', 'used-' || n, now() FROM generate_series(1, 12) AS n");

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.ORPHANS, 25L);

    assertThat(count("profile_pic.avatars WHERE storage_key NOT LIKE 'orphan-%'")).isEqualTo(24);
  }

  @Test
  void bytesThatASettleGivesToALeadAtThisMomentStay() throws SQLException {
    avatars("SELECT 'orphan', interval '2 h'");
    var settlement = claimed("orphan");

    try (var settling = database.dataSource().getConnection()) {
      settling.setAutoCommit(false);
      settle(settling, settlement);
      // The settle has found the bytes there, and has not committed.
      assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.ORPHANS, 0L);
      settling.commit();
    }

    jdbc.update("DELETE FROM profile_pic.chores");
    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.ORPHANS, 0L);
    assertThat(
            count(
                "profile_pic.pictures AS p JOIN profile_pic.avatars AS a USING (storage_key) WHERE p.state = 'STORED'"))
        .isEqualTo(1);
  }

  @Test
  void bytesThatWereRemovedAMomentAgoAreWrittenAnew() throws SQLException {
    avatars("SELECT 'orphan', interval '2 h'");
    var settlement = claimed("orphan");
    housekeeping.doWhatIsDue();

    try (var settling = database.dataSource().getConnection()) {
      settle(settling, settlement);
    }

    assertThat(count("profile_pic.avatars WHERE storage_key = 'orphan'")).isEqualTo(1);
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

  @Test
  void leadsOfWhichNoneIsToBeSeenAreAnAlarmAndNotForgotten() {
    jdbc.update(
        "INSERT INTO profile_pic.pictures (lead_id, phone, requested_at) SELECT 'unseen-' || n, '5562999212484', now() FROM generate_series(1, 10) AS n");

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.DELETED_LEADS, 0L);
    housekeeping.lookAtWarnings();

    assertThat(count("profile_pic.pictures")).isEqualTo(10);
    assertThat(
            jdbc.queryForObject(
                "SELECT warning FROM profile_pic.chores WHERE chore = 'deleted_leads'",
                String.class))
        .contains("none of 10 leads");
    assertThat(meters.get("profilepic.housekeeping.warnings").gauge().value()).isEqualTo(1);

    jdbc.update("DELETE FROM profile_pic.pictures");
    jdbc.update("UPDATE profile_pic.chores SET done_at = now() - interval '1 day'");
    housekeeping.doWhatIsDue();
    housekeeping.lookAtWarnings();
    assertThat(meters.get("profilepic.housekeeping.warnings").gauge().value()).isZero();
  }

  @Test
  void whileAnotherWorkerLeadsNothingIsDone() throws SQLException {
    avatars("SELECT 'orphan', interval '2 h'");
    try (var leader = database.dataSource().getConnection()) {
      leader.setAutoCommit(false);
      leader
          .createStatement()
          .execute("SELECT pg_advisory_xact_lock(hashtextextended('profile_pic.housekeeping', 0))");

      assertThat(housekeeping.doWhatIsDue()).isEmpty();
      assertThat(count("profile_pic.avatars")).isEqualTo(1);
      leader.rollback();
    }

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.ORPHANS, 1L);
  }

  @Test
  void whatOneWorkerHasDoneIsNotDueForAnother() {
    assertThat(housekeeping.doWhatIsDue()).containsOnlyKeys(Chore.values());
    avatars("SELECT 'orphan', interval '2 h'");

    assertThat(housekeeping().doWhatIsDue()).isEmpty();

    jdbc.update("UPDATE profile_pic.chores SET done_at = now() - interval '61 minutes'");
    assertThat(housekeeping().doWhatIsDue()).containsEntry(Chore.ORPHANS, 1L);
  }

  @Test
  void aChoreThatFailsHoldsUpNoOtherAndStaysDue() {
    jdbc.execute("ALTER FUNCTION profile_pic.forget_archive RENAME TO away");
    assertThat(housekeeping.doWhatIsDue()).hasSize(Chore.values().length - 1);

    jdbc.execute("ALTER FUNCTION profile_pic.away RENAME TO forget_archive");
    assertThat(housekeeping.doWhatIsDue()).containsOnlyKeys(Chore.ARCHIVE);
  }

  private Housekeeping housekeeping() {
    var template = new JdbcTemplate(housekeepers);
    template.execute("SET ROLE profile_pic_worker");
    var properties =
        new HousekeepingProperties(
            true,
            Duration.ofDays(365),
            Duration.ofDays(365),
            Duration.ofDays(30),
            Duration.ofDays(90),
            Duration.ofDays(30),
            Duration.ofDays(90),
            Duration.ofDays(3),
            Duration.ofDays(90),
            Duration.ofDays(365));
    return new Housekeeping(
        template, new DataSourceTransactionManager(housekeepers), properties, meters, 10);
  }

  /**
   * A lead whose message is claimed: message, lead and the key under which its bytes are stored.
   */
  private String claimed(String storageKey) {
    jdbc.update("INSERT INTO public.leads (phone, instance_id) VALUES ('5562999212484', 'demo')");
    jdbc.execute(
        "SELECT profile_pic.enqueue(jsonb_agg(jsonb_build_object('lead_id', id, 'phone', phone))) FROM public.leads");
    jdbc.execute("SELECT profile_pic.adopt(6000000, 10)");
    String message =
        jdbc.queryForObject(
            "SELECT msg_id || ' ' || lead_id FROM profile_pic.claim(ARRAY['demo'], ARRAY[NULL::timestamptz], ARRAY[1], 1, '1 minute', NULL, 6000000) WHERE msg_id IS NOT NULL",
            String.class);
    return message + " " + storageKey;
  }

  private static void settle(Connection connection, String settlement) throws SQLException {
    var words = settlement.split(" ", -1);
    try (var statement =
        connection.prepareStatement(
            """
            SELECT count(*) FROM profile_pic.settle(ARRAY[?::bigint], ARRAY[1], ARRAY['complete'], ARRAY[0]::bigint[], ARRAY['STORED'],
              ARRAY[NULL::text], ARRAY[0], ARRAY[NULL::timestamptz], ARRAY[?::text], ARRAY['5562999212484'], ARRAY[NULL::text], ARRAY['demo'],
              ARRAY[now()], ARRAY[NULL::text], ARRAY[NULL::text], ARRAY['aa'], ARRAY['image/jpeg'], ARRAY[1], ARRAY[1], ARRAY[1], ARRAY[?::text],
              ARRAY['http://localhost/a'], ARRAY[1000]::bigint[], ARRAY[NULL::bigint], ARRAY[false], ARRAY[0], ARRAY[NULL::text], ARRAY[false],
              ARRAY['\\x01'::bytea], ARRAY[now()], 'test', false)
            """)) {
      statement.setString(1, words[0]);
      statement.setString(2, words[1]);
      statement.setString(3, words[2]);
      try (var rows = statement.executeQuery()) {
        rows.next();
        assertThat(rows.getInt(1)).isEqualTo(1);
      }
    }
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

  /**
   * @param keyAndAge a query of storage keys and ages
   */
  private void avatars(String keyAndAge) {
    jdbc.update(
        "INSERT INTO profile_pic.avatars (storage_key, content_type, bytes, created_at) SELECT a.key, 'image/jpeg', '\\x01', now() - a.age FROM ("
            + keyAndAge
            + ") AS a (key, age)");
  }

  /** A sync of 25 leads. */
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

  private int count(String what) {
    Integer count = jdbc.queryForObject("SELECT count(*) FROM " + what, Integer.class);
    return count == null ? 0 : count;
  }
}
