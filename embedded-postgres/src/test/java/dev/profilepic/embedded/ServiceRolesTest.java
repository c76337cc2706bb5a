package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The services' roles can do their work, although the functions resolve all names in pg_catalog.
 */
class ServiceRolesTest {

  private final Crm crm = new Crm();

  @BeforeEach
  void migrate() throws SQLException {
    crm.execute(
        "CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, instance_id text, name text); INSERT INTO public.leads VALUES (1, '5562999212484', 'i', 'Ana')");
    crm.migrate();
    crm.execute(
        "INSERT INTO profile_pic.lead_writes (lead_id) VALUES ('1'); INSERT INTO profile_pic.pictures (lead_id, phone, requested_at, state, storage_key, lead_url) VALUES ('1', '5562999212484', now(), 'STORED', 'k', 'https://x/avatars/1?v=1')");
  }

  @AfterEach
  void drop() {
    crm.close();
  }

  @Test
  void theWorkerMayCall() throws SQLException {
    mayCall(
        "profile_pic_worker",
        "adopt(60, 10)",
        "heal(0, 10)",
        "find_lines('i', 60)",
        "claim(ARRAY['i'], ARRAY[now()], ARRAY[5], 5, interval '1 minute', 'i', 60)",
        "take_token('i', 60)",
        "renew(ARRAY[1::bigint], ARRAY[1], interval '1 minute')",
        "release(ARRAY[1::bigint], ARRAY[1])",
        "write_leads(ARRAY['1'])",
        "lead_write_failed('1', 'x')",
        "due_lead_writes(5)",
        "reconcile_leads(NULL, 10)",
        "feed_syncs(60, interval '5 s')",
        "feed_refreshes('i', 60, interval '5 s', 10)",
        "forget_history(interval '1 day', NULL, 10)",
        "forget_audit(interval '1 day', NULL, 10)",
        "forget_archive(interval '1 day', NULL, 10)",
        "forget_orphans(interval '1 day', NULL, 10)",
        "forget_syncs(interval '1 day', NULL, 10)",
        "forget_siblings(interval '1 day', NULL, 10)",
        "forget_lost_requests(interval '1 day', NULL, 10)",
        "forget_deleted_leads(interval '1 day', NULL, 10)",
        "forget_dead_letters(interval '1 day', NULL, 10)",
        "forget_receipts(interval '1 day', NULL, 10)",
        "forget_unmatched_events(interval '1 day', NULL, 10)",
        "forget_unrecognised(interval '1 day', NULL, 10)",
        "forget_lids(interval '1 day', NULL, 10)",
        "breaker_changed('i', 'OPEN', interval '1 s')",
        "check_setup()");
  }

  @Test
  void theReceiverMayCall() throws SQLException {
    mayCall(
        "profile_pic_receiver",
        "match_leads(ARRAY['99212484'], 5)",
        "read_leads(ARRAY['1'])",
        "read_lead_page(10)",
        "lead_name('1')",
        "count_for_sync('i', true, NULL)",
        "count_for_sync('i', true, ARRAY['i'])",
        "start_sync('i', false, true, 1, NULL, 5, NULL, NULL, ARRAY['i'], 'k')",
        "start_sync('j', false, true, 1, NULL, 5, ARRAY['1'], ARRAY['5562999212484'], NULL, 'k')",
        "list_syncs(ARRAY['i'], NULL, 5, 5)",
        "move_sync(1, 'PAUSED', ARRAY['i'], 'k')",
        "list_dead_letters(ARRAY['i'], NULL, 5, 5)",
        "replay_dead_letters(NULL, NULL, 10, ARRAY['i'], 'k')",
        "drop_dead_letter(1, ARRAY['i'], 'k')",
        "list_instances(ARRAY['i'], ARRAY['i'], NULL, '', 5)",
        "change_instance('i', '{\"paused\": true}', ARRAY['i'], 'k')",
        "change_instance('i', '{\"paused\": false, \"pace_per_minute\": 5}', NULL, 'k')",
        "pace_of('i', ARRAY['i'])",
        "count_pictures()",
        "valid_keys()",
        "take_idempotency_key('c', 'k', sha256('x'))",
        "take_idempotency_key('c', 'l', sha256('x'), '2 days')",
        "answer_idempotency_key('c', 'k', 202, 'application/json', 'x')",
        "drop_idempotency_key('c', 'k')",
        "forget_idempotency_keys()",
        "forget_idempotency_keys('2 days')",
        "note_key_uses(ARRAY[1]::bigint[], ARRAY[now()])",
        "reachable_lead('1', ARRAY['i'])",
        "lead_picture('1', ARRAY['i'])",
        "lead_history('1', ARRAY['i'], 5, 5)",
        "erase_lead('1', ARRAY['i'], 'k', NULL, NULL, NULL)",
        "list_audit(NULL, '1', 5, 5)",
        "check_setup()");
  }

  /** A service behind a pooler in transaction mode cannot set the isolation level itself. */
  @ParameterizedTest
  @ValueSource(strings = {"profile_pic_receiver", "profile_pic_worker"})
  void theirLoginsSeeWhatWasCommittedWhileTheyWaited(String role) throws SQLException {
    assertThat(
            crm.column(
                "SELECT unnest(setconfig) FROM pg_db_role_setting WHERE setdatabase = 0 AND setrole = '"
                    + role
                    + "'::regrole"))
        .containsExactly("default_transaction_isolation=read committed");
  }

  private void mayCall(String role, String... calls) throws SQLException {
    try (var connection = crm.connect();
        var statement = connection.createStatement()) {
      statement.execute("SET ROLE " + role);
      for (var call : calls) {
        assertThatCode(() -> statement.execute("SELECT * FROM profile_pic." + call))
            .as(call)
            .doesNotThrowAnyException();
      }
    }
  }

  @Test
  void theCrmsRowIsWrittenByTheWorkersFunction() throws SQLException {
    assertThat(
            crm.column(
                "SET ROLE profile_pic_worker; SELECT result FROM profile_pic.write_leads(ARRAY['1'])"))
        .containsExactly("written");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"queue_depth", "states_by_instance", "failures_by_reason", "sync_progress"})
  void theWorkerMayRead(String view) throws SQLException {
    try (var connection = crm.connect();
        var statement = connection.createStatement()) {
      statement.execute("SET ROLE profile_pic_worker");
      statement.execute("SELECT * FROM profile_pic." + view);
    }
  }
}
