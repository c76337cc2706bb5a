package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.migrations.MigrationsAutoConfiguration;
import java.sql.SQLException;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.callback.Callback;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * An earlier release put messages into slots, and the current release keeps them in lines. The
 * tests migrate a queue in which messages of the earlier release wait.
 */
class CarriedOverTest {

  private static final String LAST_WITH_SLOTS = "21";

  private final Crm crm = new Crm();

  @BeforeEach
  void standBeforeTheLines() throws SQLException {
    crm.execute(
        "CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, instance_id text, profile_pic_url text, profile_pic_storage_path text, updated_at timestamptz)");
    crm.execute(
        "INSERT INTO public.leads SELECT n, '5562999212484', 'demo' FROM generate_series(1, 20) AS n");
    migrateOnlyTo(LAST_WITH_SLOTS);
    // The function in the form that the earlier release's worker calls.
    crm.execute(
        """
        CREATE FUNCTION profile_pic.claim(max_messages integer, scan integer, lease interval, default_instance text, default_pace integer)
        RETURNS TABLE (msg_id bigint, read_ct integer, postponed integer) LANGUAGE sql AS 'SELECT 1::bigint, 1, 0 WHERE false'
        """);
  }

  @AfterEach
  void drop() {
    crm.close();
  }

  @Test
  void everyMessageIsDueAndKeepsItsBookkeeping() throws SQLException {
    wait(1, "now() + '40 minutes'", 0, "{\"slot\": true, \"traceparent\": \"00-1\"}");
    wait(2, "now() + '100 years'", 0, "{\"slot\": true}");
    wait(3, "now() + '100 years'", 0, null);
    wait(4, "now() + '10 minutes'", 3, "{\"attempts\": 2, \"returned\": 3, \"lookup\": true}");
    wait(5, "now() + '10 minutes'", 3, "{\"attempts\": 2, \"returned\": 3, \"slot\": true}");
    wait(6, "now() - interval '1 hour'", 25, "{\"returned\": 25, \"slot\": true}");
    wait(7, "now() + '10 minutes'", 0, null);

    crm.migrate();

    // Each row: msg_id, due or later, read_ct, headers, bookkeeping.
    assertThat(queue())
        .containsExactly(
            "1 due 0 {\"traceparent\": \"00-1\"} null",
            "2 due 0 {} null",
            "3 due 0 null null",
            "4 later 3 {} 2/3/true",
            "5 due 3 {} 2/3/false",
            "6 due 25 {} 0/25/false",
            "7 later 0 null null");
    assertThat(crm.column("SELECT to_regclass('profile_pic.carried_over')"))
        .containsExactly("null");
  }

  @Test
  void garbageInHeadersCountsAsNoBookkeepingAndStopsNothing() throws SQLException {
    wait(
        1,
        "now() + '1 hour'",
        2,
        "{\"slot\": \"x\", \"attempts\": \"abc\", \"returned\": {\"a\": 1}}");
    wait(
        2,
        "now() + '1 hour'",
        2,
        "{\"attempts\": 99999999999, \"returned\": -4, \"lookup\": null}");
    wait(3, "now() + '1 hour'", 2, "{\"slot\": true, \"returned\": 999999}");
    wait(4, "now() + '1 hour'", 0, "{\"slot\": true, \"attempts\": 4, \"returned\": 1}");
    wait(5, "now() + '100 years'", 1, "\"slot\"");
    wait(6, "now() + '100 years'", 1, "[\"slot\", \"attempts\"]");
    wait(7, "'infinity'", 1, "17");

    crm.migrate();

    assertThat(queue())
        .containsExactly(
            "1 due 2 {} 0/0/false",
            "2 later 2 {} 0/0/true",
            "3 due 2 {} 0/2/false",
            "4 due 0 {} null",
            "5 due 1 \"slot\" null",
            "6 due 1 [\"slot\", \"attempts\"] null",
            "7 due 1 17 null");
  }

  @Test
  void pendingRequestsStandInTheirLinesAfterAPoll() throws SQLException {
    wait(1, "now() + '40 minutes'", 0, "{\"slot\": true}");
    wait(
        2,
        "now() + '41 minutes'",
        1,
        "{\"slot\": true, \"attempts\": 1, \"returned\": 1, \"lookup\": true}");
    crm.execute(
        """
        INSERT INTO profile_pic.pictures (lead_id, instance_id, phone, requested_at, pending_message_id, pending_forced)
        VALUES ('1', 'demo', '5562999212484', now(), 1, true), ('2', 'demo', '5562999212484', now(), 2, false), ('3', 'demo', '5562999212484', now(), NULL, false)
        """);

    crm.migrate();
    crm.column("SELECT adopted FROM profile_pic.adopt(60, 1000)");

    assertThat(
            crm.column(
                "SELECT concat_ws(' ', msg_id, instance_id, paced, place <= now()) FROM profile_pic.waiting ORDER BY msg_id"))
        .containsExactly("1 demo t t", "2 demo t t");
    assertThat(
            crm.column(
                "SELECT concat_ws(' ', lead_id, message_id, forced) FROM profile_pic.requests WHERE message_id IS NOT NULL ORDER BY lead_id"))
        .containsExactly("1 1 t", "2 2 f");
    assertThat(
            crm.column(
                "SELECT concat_ws(' ', msg_id, deliveries, attempts) FROM profile_pic.claim(ARRAY['demo'], ARRAY['-infinity'::timestamptz], ARRAY[10], 10, '1 min', NULL, 6000) WHERE msg_id IS NOT NULL ORDER BY msg_id"))
        .containsExactly("1 1 0", "2 1 1");
  }

  @Test
  void aNumberWhoseSlotsReachFarAheadStartsAfterOneInterval() throws SQLException {
    crm.execute(
        """
        INSERT INTO profile_pic.instances (instance_id, pace_per_minute, next_slot_at) VALUES
          ('flooded', 6, now() + '10 hours'), ('paused', NULL, now() + '100 years'), ('calm', 6, '2026-01-01'), ('new', NULL, '-infinity')
        """);
    var before = crm.column("SELECT now()").getFirst();

    crm.migrate();

    assertThat(
            crm.column(
                """
                SELECT concat_ws(' ', c.tat = '2026-01-01', f.tat - p.tat, p.tat > '%s' AND p.tat <= now() + interval '1 s')
                FROM profile_pic.pace_states AS c, profile_pic.pace_states AS f, profile_pic.pace_states AS p
                WHERE c.instance_id = 'calm' AND f.instance_id = 'flooded' AND p.instance_id = 'paused'
                """
                    .formatted(before)))
        .containsExactly("t 00:00:09 t");
    assertThat(crm.column("SELECT count(*) FROM profile_pic.pace_states")).containsExactly("3");
  }

  @Test
  void manyMessagesAreCarriedOverInBatchesBeforeTheMigrationThatWouldHoldEverything()
      throws SQLException {
    waitInSlots(12_000);
    var enqueued = crm.column("SELECT sum(msg_id) FROM pgmq.q_profile_pic_queue");

    crm.migrate();

    // xmin is the transaction that wrote a row last, so each group is one batch.
    assertThat(
            crm.column(
                "SELECT count(*) FROM pgmq.q_profile_pic_queue WHERE vt <= now() GROUP BY xmin::text ORDER BY min(msg_id)"))
        .containsExactly("5000", "5000", "2000");
    assertThat(crm.column("SELECT sum(msg_id) FROM pgmq.q_profile_pic_queue")).isEqualTo(enqueued);
    assertThat(
            crm.column(
                "SELECT count(*) FROM profile_pic.deliveries WHERE attempts = 1 AND returned = 1"))
        .containsExactly("6000");
  }

  @Test
  void anUpgradeThatStopsOnTheWayGoesOnWhereItStoppedAndTheOldWorkerClaimsNothing()
      throws SQLException {
    waitInSlots(6_000);
    // This table makes V30 fail.
    crm.execute("CREATE TABLE profile_pic.requests ()");
    assertThatThrownBy(crm::migrate).hasMessageContaining("requests");

    assertThatThrownBy(
            () -> crm.column("SELECT * FROM profile_pic.claim(10, 10, '1 min', NULL, 60)"))
        .hasMessageContaining("older than the database");
    // A worker returns message 2 after its third attempt.
    crm.execute(
        "UPDATE pgmq.q_profile_pic_queue SET read_ct = 4, vt = now() + interval '1 hour', headers = '{\"attempts\": 3, \"returned\": 4}' WHERE msg_id = 2");
    crm.execute("DELETE FROM pgmq.q_profile_pic_queue WHERE msg_id = 4");
    crm.execute("DROP TABLE profile_pic.requests");
    crm.migrate();

    assertThat(crm.column("SELECT count(*) FROM pgmq.q_profile_pic_queue WHERE vt <= now()"))
        .containsExactly("5998");
    assertThat(crm.column("SELECT count(*) FROM profile_pic.deliveries")).containsExactly("2999");
    assertThat(
            crm.column(
                "SELECT concat_ws('/', attempts, returned) FROM profile_pic.deliveries WHERE msg_id = 2"))
        .containsExactly("3/4");
  }

  @Test
  void whatSomebodyHoldsIsServedLater() throws Exception {
    waitInSlots(10);
    try (var holder = crm.connect()) {
      holder.setAutoCommit(false);
      Crm.column(holder, "SELECT msg_id FROM pgmq.q_profile_pic_queue WHERE msg_id = 2 FOR UPDATE");

      crm.execute("CREATE TABLE profile_pic.requests ()");
      assertThatThrownBy(crm::migrate).hasMessageContaining("requests");
      crm.execute("DROP TABLE profile_pic.requests");
    }
    assertThat(crm.column("SELECT msg_id FROM pgmq.q_profile_pic_queue WHERE vt > now()"))
        .containsExactly("2");

    crm.migrate();

    assertThat(crm.column("SELECT msg_id FROM pgmq.q_profile_pic_queue WHERE vt > now()"))
        .isEmpty();
    assertThat(crm.column("SELECT count(*) FROM profile_pic.deliveries")).containsExactly("5");
  }

  /** Migrates up to a version, without the current repeatable migrations, callbacks and grants. */
  private void migrateOnlyTo(String version) {
    MigrationsAutoConfiguration.configure(
            Flyway.configure(), Crm.leads("public.leads", "id", true, false))
        .callbacks(new Callback[0])
        .skipDefaultCallbacks(true)
        .repeatableSqlMigrationPrefix("none")
        .target(version)
        .dataSource(crm.database.dataSource())
        .load()
        .migrate();
  }

  /** Inserts a message for the lead with this number, as the earlier release's worker left it. */
  private void wait(int lead, String vt, int readCt, @Nullable String headers) throws SQLException {
    crm.execute(
        """
        INSERT INTO pgmq.q_profile_pic_queue (read_ct, enqueued_at, vt, message, headers)
        VALUES (%d, now(), %s, '{"lead_id": "%d", "phone": "5562999212484"}', %s)
        """
            .formatted(readCt, vt, lead, headers == null ? "NULL" : "'" + headers + "'"));
  }

  /**
   * Inserts messages in slots. Every second message was returned once, and every fourth message
   * waits behind a pause.
   */
  private void waitInSlots(int messages) throws SQLException {
    crm.execute(
        """
        INSERT INTO pgmq.q_profile_pic_queue (read_ct, enqueued_at, vt, message, headers)
        SELECT (n + 1) %% 2, now(), now() + CASE WHEN n %% 4 = 1 THEN interval '100 years' ELSE interval '1 hour' + n * interval '1 s' END,
               '{"lead_id": "1", "phone": "5562999212484"}',
               CASE WHEN n %% 4 = 1 THEN NULL WHEN n %% 4 = 3 THEN '{"slot": true}' ELSE '{"slot": true, "attempts": 1, "returned": 1}' END::jsonb
        FROM generate_series(1, %d) AS n
        """
            .formatted(messages));
  }

  private List<String> queue() throws SQLException {
    return crm.column(
        """
        SELECT concat_ws(' ', q.msg_id, CASE WHEN q.vt <= now() THEN 'due' ELSE 'later' END, q.read_ct, coalesce(q.headers::text, 'null'),
                         CASE WHEN d.msg_id IS NULL THEN 'null' ELSE concat(d.attempts, '/', d.returned, '/', CASE WHEN d.lookup THEN 'true' ELSE 'false' END) END)
        FROM pgmq.q_profile_pic_queue AS q LEFT JOIN profile_pic.deliveries AS d USING (msg_id) ORDER BY q.msg_id
        """);
  }
}
