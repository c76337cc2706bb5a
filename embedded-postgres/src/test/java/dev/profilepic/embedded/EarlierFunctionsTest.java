package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.migrations.MigrationsAutoConfiguration;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.callback.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Brings a database with functions of earlier releases to the current functions ({@code V120}). */
class EarlierFunctionsTest {

  private static final String BEFORE_THEY_ARE_DROPPED = "115";

  private final Crm crm = new Crm();

  @BeforeEach
  void standBefore() throws SQLException {
    crm.execute("CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, instance_id text)");
    MigrationsAutoConfiguration.configure(
            Flyway.configure(), Crm.leads("public.leads", "id", true, false))
        .callbacks(new Callback[0])
        .skipDefaultCallbacks(true)
        .repeatableSqlMigrationPrefix("none")
        .target(BEFORE_THEY_ARE_DROPPED)
        .dataSource(crm.database.dataSource())
        .load()
        .migrate();
  }

  @AfterEach
  void drop() {
    crm.close();
  }

  @Test
  void whatReturnedSomethingElseIsReplaced() throws SQLException {
    crm.execute(
        """
        CREATE FUNCTION profile_pic.find_leads(lead_ids text[]) RETURNS TABLE (asked_id text, lead_id text, phone text, instance_id text) LANGUAGE sql
          AS 'SELECT '''', '''', '''', ''''';
        CREATE FUNCTION profile_pic.forget_leads(lead_ids text[]) RETURNS void LANGUAGE sql AS '';
        CREATE FUNCTION profile_pic.end_requests(results profile_pic.attempt_result[]) RETURNS profile_pic.attempt_result[] LANGUAGE sql AS 'SELECT results';
        CREATE FUNCTION profile_pic.claim(
          instances text[], starts timestamptz[], limits integer[], max_messages integer, lease interval, default_instance text, default_pace integer)
          RETURNS TABLE (msg_id bigint, storage_key text) LANGUAGE sql AS 'SELECT 1::bigint, ''''';
        CREATE FUNCTION profile_pic.lease_messages(places profile_pic.line_place[], lease interval) RETURNS TABLE (msg_id bigint, storage_key text) LANGUAGE sql
          AS 'SELECT 1::bigint, ''''';
        CREATE FUNCTION profile_pic.list_unrecognised(instances text[])
          RETURNS TABLE (kind text, instance_id text, seen bigint, first_at timestamptz, last_at timestamptz, sample text) LANGUAGE sql
          AS 'SELECT '''', '''', 1::bigint, now(), now(), ''''';
        CREATE FUNCTION profile_pic.list_dead_letters(callers text[], reason text, before bigint, most integer)
          RETURNS TABLE (msg_id bigint, enqueued_at timestamptz, message text) LANGUAGE sql AS 'SELECT 1::bigint, now(), ''''';
        CREATE FUNCTION profile_pic.lead_picture(lead text, callers text[]) RETURNS TABLE (lead_id text, state text) LANGUAGE sql AS 'SELECT '''', ''''';
        CREATE FUNCTION profile_pic.list_instances(callers text[], counted text[], only_id text, after text, most integer)
          RETURNS TABLE (instance_id text, pace_per_minute integer) LANGUAGE sql AS 'SELECT '''', 1';
        CREATE FUNCTION profile_pic.photo_to_show(lead text) RETURNS TABLE (phone text, sha256 text, content_type text, bytes bytea) LANGUAGE sql
          AS 'SELECT '''', '''', '''', NULL::bytea'
        """);

    crm.migrate();

    assertThat(
            crm.column(
                "SELECT msg_id FROM profile_pic.claim(ARRAY['demo'], ARRAY['-infinity'::timestamptz], ARRAY[10], 10, '1 min', NULL, 6000) WHERE link_generation > 0"))
        .isEmpty();
    assertThat(crm.column("SELECT url FROM profile_pic.find_leads(ARRAY['1'])")).isEmpty();
  }

  @Test
  void whatHadFewerParametersIsGone() throws SQLException {
    crm.execute(
        """
        CREATE FUNCTION profile_pic.enqueue(requests jsonb) RETURNS integer LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION profile_pic.match_leads(suffixes text[], most integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION profile_pic.read_leads(lead_ids text[]) RETURNS integer LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION profile_pic.erase(lead text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION profile_pic.feed_sync(sync profile_pic.syncs, default_pace integer, ahead interval) RETURNS integer LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION profile_pic.forget_lost_wishes(older_than interval, after text, most integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'
        """);

    crm.migrate();

    assertThat(
            crm.column(
                """
                SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.pronamespace = 'profile_pic'::regnamespace
                  AND p.proname IN ('enqueue', 'match_leads', 'read_leads', 'erase', 'feed_sync', 'forget_lost_wishes') ORDER BY 1
                """))
        .containsExactly(
            "profile_pic.enqueue(jsonb,text)",
            "profile_pic.enqueue(text[],text[],text[],text[],timestamp with time zone[],text[],boolean[],boolean[],text[],text[],text[])",
            "profile_pic.erase(text,text[],text[],text[],bytea)",
            "profile_pic.feed_sync(profile_pic.syncs,integer,interval,boolean,text[])",
            "profile_pic.match_leads(text[],integer,text[])",
            "profile_pic.read_leads(text[],text[])");
  }

  @Test
  void whatIsTodaysAlreadyIsNeverMissed() throws SQLException {
    crm.migrate();
    var functions =
        """
        SELECT concat_ws(' ', p.oid, p.proname) FROM pg_proc AS p
        WHERE p.pronamespace = 'profile_pic'::regnamespace ORDER BY 1
        """;
    var before = crm.column(functions);
    crm.execute("DELETE FROM profile_pic.flyway_schema_history WHERE version::integer >= 120");

    MigrationsAutoConfiguration.configure(
            Flyway.configure(), Crm.leads("public.leads", "id", true, false))
        .target("120")
        .dataSource(crm.database.dataSource())
        .load()
        .migrate();

    assertThat(crm.column(functions)).isEqualTo(before);
  }
}
