package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Row level security hides nothing from the services, and no hidden row counts as deleted. */
class RowSecurityTest extends CrmTest {

  @Test
  void rowsAreSeenThroughPolicylessRowSecurityEverywhere() throws SQLException {
    crm.migrate();
    crm.execute(
        "INSERT INTO profile_pic.api_keys (name, sha256, scopes) VALUES ('k', sha256('k'), '{read}')");
    hideEverything();

    assertThat(
            crm.column(
                "SET ROLE profile_pic_receiver; SELECT lead_id FROM profile_pic.read_leads(ARRAY['1'])"))
        .containsExactly("1");
    assertThat(
            crm.column(
                "SET ROLE profile_pic_receiver; SELECT status FROM profile_pic.enqueue(ARRAY['1'], ARRAY['5562999212484'], ARRAY[NULL::text], ARRAY['i'], ARRAY[now()], ARRAY['webhook'], ARRAY[false], ARRAY[false], ARRAY[NULL::text], NULL)"))
        .containsExactly("queued");
    assertThat(
            crm.column("SET ROLE profile_pic_receiver; SELECT name FROM profile_pic.valid_keys()"))
        .containsExactly("k");
    assertThat(
            crm.column(
                "SET ROLE profile_pic_worker; SELECT adopted FROM profile_pic.adopt(60, 10)"))
        .hasSize(1);
    assertThat(
            crm.column(
                "SET ROLE profile_pic_worker; SELECT problem FROM profile_pic.check_setup()"))
        .isEmpty();
    assertThat(
            crm.column(
                "SET ROLE profile_pic_receiver; SELECT problem FROM profile_pic.check_setup()"))
        .isEmpty();
  }

  @Test
  void whatServicesReadThroughFunctionsIsSeenToo() throws SQLException {
    crm.migrate();
    knowThePhotoOfLead1();
    crm.execute(
        "INSERT INTO profile_pic.instances (instance_id, source_kind, source_url, paused_until) VALUES ('i', 'waha', 'https://w', 'infinity')");
    crm.execute(
        "INSERT INTO profile_pic.chores (chore, done_at, warning) VALUES ('c', now(), 'w')");
    hideEverything();

    assertThat(as("profile_pic_receiver", "SELECT size FROM profile_pic.photo_of('1')"))
        .containsExactly("3");
    assertThat(
            as("profile_pic_receiver", "SELECT encode(profile_pic.photo_piece('k', 2, 2), 'hex')"))
        .containsExactly("0203");
    assertThat(
            as("profile_pic_receiver", "SELECT * FROM profile_pic.leads_that_have('{1}', '{p}')"))
        .containsExactly("1");
    assertThat(as("profile_pic_worker", "SELECT instance_id FROM profile_pic.instance_sources()"))
        .containsExactly("i");
    assertThat(as("profile_pic_worker", "SELECT paused FROM profile_pic.paused_instances(5)"))
        .containsExactly("t");
    assertThat(as("profile_pic_worker", "SELECT profile_pic.chore_is_due('c', '1 hour')"))
        .containsExactly("f");
    assertThat(as("profile_pic_worker", "SELECT * FROM profile_pic.chore_warnings()"))
        .containsExactly("c: w");
    assertThat(as("profile_pic_worker", "SELECT result FROM profile_pic.write_leads('{1}')"))
        .containsExactly("written");
  }

  @Test
  void nothingIsTakenForDeletedWhoeverHidesIt() throws SQLException {
    crm.migrate();
    knowThePhotoOfLead1();
    crm.execute(
        "SELECT pgmq.send('profile_pic_queue', '{\"lead_id\": \"1\", \"phone\": \"5562999212484\"}')");
    var known = whatIsKnown();
    hideEverything();

    // First with the right to bypass row level security, then without it.
    doEveryChore();
    withoutBypass(() -> {
      crm.execute(
          "DO $$ DECLARE f regprocedure; BEGIN FOR f IN SELECT p.oid FROM pg_proc AS p WHERE p.pronamespace = 'profile_pic'::regnamespace AND p.prosecdef LOOP EXECUTE format('ALTER FUNCTION %s RESET row_security', f); END LOOP; END $$");
      doEveryChore();
    });

    assertThat(whatIsKnown()).isEqualTo(known);
  }

  /**
   * Runs the worker's chores that forget data, and its checks of lines and rows that may find a
   * lead missing.
   */
  private void doEveryChore() throws SQLException {
    for (var call :
        new String[] {
          "adopt(60, 10)",
          "heal(0, 10)",
          "find_lines('demo', 60)",
          "reconcile_leads(NULL, 10)",
          "forget_history(interval '0 s', NULL, 10)",
          "forget_orphans(interval '0 s', NULL, 10)",
          "forget_siblings(interval '0 s', NULL, 10)",
          "forget_lost_requests(interval '0 s', NULL, 10)",
          "forget_deleted_leads(interval '0 s', NULL, 10)",
          "write_leads('{1}')"
        }) {
      try {
        as("profile_pic_worker", "SELECT * FROM profile_pic." + call);
      } catch (SQLException refused) {
        assertThat(refused.getMessage()).as(call).contains("row-level security");
      }
    }
  }

  private List<String> whatIsKnown() throws SQLException {
    return crm.column(
        """
        SELECT format('%s %s %s', p.lead_id, p.state, p.storage_key) FROM profile_pic.pictures AS p
        UNION ALL SELECT a.storage_key FROM profile_pic.avatars AS a
        UNION ALL SELECT q.message::text FROM pgmq.q_profile_pic_queue AS q
        UNION ALL SELECT l.id::text FROM public.leads AS l ORDER BY 1
        """);
  }

  private void knowThePhotoOfLead1() throws SQLException {
    crm.execute(
        """
        INSERT INTO profile_pic.avatars (storage_key, content_type, bytes) VALUES ('k', 'image/jpeg', '\\x010203');
        INSERT INTO profile_pic.pictures (lead_id, phone, requested_at, state, storage_key, sha256, content_type, source_id, lead_url)
        VALUES ('1', '5562999212484', now(), 'STORED', 'k', 'abc', 'image/jpeg', 'p', 'https://x/avatars/1?v=1');
        INSERT INTO profile_pic.lead_writes (lead_id) VALUES ('1');
        """);
  }

  private List<String> as(String role, String sql) throws SQLException {
    return crm.column("SET ROLE " + role + "; " + sql);
  }

  private void hideEverything() throws SQLException {
    crm.execute(
        """
        DO $$ DECLARE t regclass; BEGIN
          FOR t IN SELECT c.oid::regclass FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                   WHERE c.relkind = 'r' AND (n.nspname = 'profile_pic' AND c.relname <> 'flyway_schema_history' OR c.relname LIKE '%profile_pic%' OR c.relname = 'leads') LOOP
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
            EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
          END LOOP; END $$
        """);
  }

  @Test
  void leadsThatCannotBeSeenAreAnAlarmAndNotGone() throws SQLException {
    crm.migrate();
    crm.execute(
        "INSERT INTO profile_pic.pictures (lead_id, phone, requested_at) VALUES ('1', '1', now())");
    assertThat(crm.column("SELECT profile_pic.leads_are_visible()::text")).containsExactly("true");

    crm.execute("SET session_replication_role = replica; DELETE FROM public.leads");

    assertThat(crm.column("SELECT profile_pic.leads_are_visible()::text")).containsExactly("false");
    assertThat(
            crm.column(
                "SET ROLE profile_pic_worker; SELECT problem FROM profile_pic.check_setup()"))
        .hasSize(1);
  }
}
