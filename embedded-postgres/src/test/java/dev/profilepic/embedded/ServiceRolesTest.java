package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The services' roles can do their work, with all names of the functions resolved in pg_catalog.
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

  @ParameterizedTest
  @ValueSource(
      strings = {
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
        "forget_archive(interval '1 day', NULL, 10)",
        "forget_orphans(interval '1 day', NULL, 10)",
        "forget_syncs(interval '1 day', NULL, 10)",
        "forget_siblings(interval '1 day', NULL, 10)",
        "forget_lost_requests(interval '1 day', NULL, 10)",
        "forget_deleted_leads(interval '1 day', NULL, 10)",
        "breaker_changed('i', 'OPEN', interval '1 s')",
        "check_setup()",
      })
  void theWorkerMayCall(String call) throws SQLException {
    try (var connection = crm.connect();
        var statement = connection.createStatement()) {
      statement.execute("SET ROLE profile_pic_worker");
      statement.execute("SELECT * FROM profile_pic." + call);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "match_leads(ARRAY['99212484'], 5)",
        "read_leads(ARRAY['1'])",
        "walk_leads(10)",
        "lead_name('1')",
        "count_without_photo('i', true)",
        "leads_without_photo('i', true, NULL, 5)",
        "leads_without_photo('i', true, '1', 5)",
        "replay_dead_letters(NULL, NULL, 10)",
        "pause_instance('i')",
        "resume_instance('i')",
        "erase('1')",
        "check_setup()",
      })
  void theReceiverMayCall(String call) throws SQLException {
    try (var connection = crm.connect();
        var statement = connection.createStatement()) {
      statement.execute("SET ROLE profile_pic_receiver");
      statement.execute("SELECT * FROM profile_pic." + call);
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
