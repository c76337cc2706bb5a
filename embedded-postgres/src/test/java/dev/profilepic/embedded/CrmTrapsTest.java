package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Nothing that code of the CRM, or anybody who may create functions beside its table, leaves in a
 * session runs or works with the project's rights.
 */
class CrmTrapsTest extends CrmTest {

  private static final String ENQUEUE =
      "enqueue(ARRAY['1'], ARRAY['5562999212484'], ARRAY[NULL::text], ARRAY['i'], ARRAY[now()], ARRAY['webhook'], ARRAY[false], ARRAY[false], ARRAY[NULL::text], NULL)";

  /** Sets statement_timeout, and covers the session's own value with the one that was there. */
  private static final String COVERED =
      """
      DECLARE path text := current_setting('search_path'); waits text := current_setting('statement_timeout');
      BEGIN
        PERFORM set_config('search_path', 'public, pg_catalog', false), set_config('statement_timeout', '77s', false);
        PERFORM set_config('search_path', path, true), set_config('statement_timeout', waits, true);
      """;

  @Test
  void whoeverMayCreateFunctionsBesideTheTableGetsNoRight() throws SQLException {
    crm.migrate();
    crm.execute(
        """
        CREATE FUNCTION public.unnest(a text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
        BEGIN
          IF current_user = 'profile_pic_crm' THEN PERFORM set_config('search_path', 'public, pg_catalog', false); END IF;
          RETURN QUERY SELECT pg_catalog.unnest(a);
        END $$;
        CREATE FUNCTION public.cardinality(a anyarray) RETURNS integer LANGUAGE plpgsql AS $$
        BEGIN
          IF current_user = 'profile_pic_owner' THEN
            INSERT INTO profile_pic.api_keys (name, sha256, scopes) VALUES ('mallory', sha256('pwned'), '{ingest,operate,read}') ON CONFLICT DO NOTHING;
          END IF;
          RETURN pg_catalog.cardinality(a);
        END $$
        """);

    try (var receiver = session("profile_pic_receiver")) {
      Crm.column(receiver, "SELECT status FROM profile_pic." + ENQUEUE);
      Crm.column(receiver, "SELECT status FROM profile_pic." + ENQUEUE);
    }

    assertThat(crm.column("SELECT name FROM profile_pic.api_keys")).isEmpty();
  }

  @Test
  void noOperatorThatFitsBetterThanPostgresOwnIsUsed() throws SQLException {
    crm.execute(
        """
        ALTER TABLE public.leads ALTER id TYPE varchar(40), ADD instance_id varchar(40), ADD name varchar(40);
        CREATE TABLE public.spied (what text); GRANT ALL ON public.spied TO PUBLIC
        """);
    crm.migrate();
    for (var type : List.of("varchar", "text")) {
      crm.execute(
          """
          CREATE FUNCTION public.spy(a TYPE, b TYPE) RETURNS boolean LANGUAGE plpgsql AS $$
          BEGIN INSERT INTO public.spied VALUES (current_user); RETURN a::bytea OPERATOR(pg_catalog.=) b::bytea; END $$;
          CREATE OPERATOR public.= (FUNCTION = public.spy, LEFTARG = TYPE, RIGHTARG = TYPE);
          CREATE OPERATOR public.~~* (FUNCTION = public.spy, LEFTARG = TYPE, RIGHTARG = TYPE);
          CREATE OPERATOR public.> (FUNCTION = public.spy, LEFTARG = TYPE, RIGHTARG = TYPE)
          """
              .replace("TYPE", type));
    }
    crm.execute(
        """
        CREATE FUNCTION public.spy(a jsonb, b varchar) RETURNS text LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO public.spied VALUES (current_user); RETURN 'spied'; END $$;
        CREATE OPERATOR public.->> (FUNCTION = public.spy, LEFTARG = jsonb, RIGHTARG = varchar)
        """);

    for (var call :
        List.of(
            "find_leads(ARRAY['1'])",
            "lock_leads(ARRAY['1'])",
            "update_leads(ARRAY['1'], ARRAY['u'], ARRAY['k'])",
            "leads_after('0', 5)",
            "lead_ids_after('0', 5)",
            "leads_without_photo('i', true, '0', 5)",
            "count_without_photo('i', true, '1 min')",
            "named_leads(ARRAY['1'])",
            "find_names('a', 5, '1 min')")) {
      crm.column("SELECT 1 FROM profile_pic." + call);
    }

    assertThat(crm.column("SELECT what FROM public.spied")).isEmpty();
    assertThat(crm.column("SELECT url FROM profile_pic.find_leads(ARRAY['1'])"))
        .containsExactly("u");
  }

  @Test
  void whatAViewSetsWhileItIsReadIsGoneAfterwards() throws SQLException {
    for (var body :
        List.of(
            COVERED,
            "BEGIN PERFORM set_config('search_path', 'public, pg_catalog', false);",
            "BEGIN PERFORM set_config('statement_timeout', '77s', false);",
            "BEGIN PERFORM set_config('default_transaction_read_only', 'on', false); SET CONSTRAINTS ALL DEFERRED;",
            "BEGIN PERFORM set_config('search_path', 'public, pg_catalog', false); RAISE 'unreadable';")) {
      viewThat(body);
      for (var call :
          List.of(
              "read_leads(ARRAY['1'])",
              "read_lead_page(10)",
              "lead_name('1')",
              "lead_cards(NULL, ARRAY['1'])",
              "leads_called(NULL, 'a', 5, '1 min')",
              "count_for_sync('a', true, NULL)",
              "reconcile_leads(NULL, 10)",
              "lead_ids_after(NULL, 5)",
              "leads_without_photo('a', true, NULL, 5)",
              "leads_without_photo('a', true, '0', 5)",
              "find_names('a', 5, '1 min')",
              ENQUEUE)) {
        theRestOfTheSessionIsAsBefore(call);
      }
    }
  }

  private void viewThat(String body) throws SQLException {
    if (crm.column("SELECT to_regclass('public.people')").contains("null")) {
      crm.execute("ALTER TABLE public.leads ADD name text, ADD instance_id text");
      crm.migrate();
      crm.execute(
          """
          ALTER TABLE public.leads RENAME TO people;
          CREATE FUNCTION public.look(t text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN t; END $$;
          CREATE VIEW public.leads AS SELECT id, public.look(phone) AS phone, public.look(name) AS name, instance_id,
              public.look(profile_pic_url) AS profile_pic_url, profile_pic_storage_path, updated_at FROM public.people;
          GRANT SELECT ON public.leads, public.people TO PUBLIC;
          """);
    }
    crm.execute(
        "CREATE OR REPLACE FUNCTION public.look(t text) RETURNS text LANGUAGE plpgsql %s AS $$ "
                // The id of a row can be read alone unless the other columns are volatile.
                .formatted(body.contains("unreadable") ? "STABLE" : "VOLATILE")
            + body
            + " RETURN t; END $$");
  }

  private void theRestOfTheSessionIsAsBefore(String call) throws SQLException {
    crm.execute("UPDATE profile_pic.lead_phones_walk SET finished_at = NULL, after_id = NULL");
    try (var session = crm.connect()) {
      var before = settings(session);
      session.setAutoCommit(false);
      Crm.column(session, "SELECT 1 FROM profile_pic." + call);
      assertThat(settings(session)).as("within the transaction of " + call).isSubsetOf(before);
      session.commit();
      assertThat(settings(session)).as("after the commit of " + call).isSubsetOf(before);
      session.rollback();
    }
  }

  @Test
  void aTriggerThatLeavesAChangedSettingIsRefused() throws SQLException {
    crm.migrate();
    knowPhoto();
    for (var change :
        List.of(
            "set_config('search_path', 'public, pg_catalog', false)",
            "set_config('search_path', 'public, pg_catalog', true)",
            "set_config('statement_timeout', '1', false)",
            "set_config('lock_timeout', '1', false)",
            "set_config('default_transaction_read_only', 'on', false)",
            "set_config('timezone', 'Asia/Tokyo', false)",
            "set_config('synchronous_commit', 'local', false)",
            "set_config('row_security', 'on', false)")) {
      trigger("BEGIN PERFORM " + change + "; RETURN NEW; END");
      try (var worker = session("profile_pic_worker")) {
        var before = settings(worker);
        assertThatThrownBy(
                () -> Crm.column(worker, "SELECT result FROM profile_pic.write_leads(ARRAY['1'])"))
            .hasMessageContaining("search_path or another setting");
        assertThat(settings(worker)).as(change).isSubsetOf(before);
      }
    }
  }

  @Test
  void whatATriggerSetsForTheSessionAndCoversIsGoneAfterTheCommit() throws SQLException {
    crm.migrate();
    knowPhoto();
    trigger(COVERED + "RETURN NEW; END");

    try (var worker = session("profile_pic_worker")) {
      var before = settings(worker);
      worker.setAutoCommit(false);
      worker.createStatement().execute("SET LOCAL synchronous_commit = off");
      assertThat(Crm.column(worker, "SELECT result FROM profile_pic.write_leads(ARRAY['1'])"))
          .containsExactly("written");
      assertThat(Crm.column(worker, "SHOW synchronous_commit")).containsExactly("off");
      worker.commit();
      assertThat(settings(worker)).isSubsetOf(before);
    }
  }

  @Test
  void aCursorThatWouldRunAtTheCommitIsRefused() throws SQLException {
    crm.execute(
        """
        CREATE TABLE public.spied (who text); GRANT ALL ON public.spied TO PUBLIC;
        CREATE FUNCTION public.evil() RETURNS integer LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO public.spied VALUES (current_user); RETURN 1; END $$
        """);
    crm.migrate();
    knowPhoto();
    trigger(
        "BEGIN EXECUTE 'DECLARE held CURSOR WITH HOLD FOR SELECT public.evil()'; RETURN NEW; END");

    try (var worker = session("profile_pic_worker")) {
      assertThatThrownBy(
              () -> Crm.column(worker, "SELECT result FROM profile_pic.write_leads(ARRAY['1'])"))
          .hasMessageContaining("cursor");
    }

    assertThat(crm.column("SELECT who FROM public.spied")).isEmpty();
  }

  private void knowPhoto() throws SQLException {
    crm.execute(
        """
        INSERT INTO profile_pic.pictures (lead_id, phone, requested_at, state, storage_key, sha256, content_type, source_id, lead_url)
        VALUES ('1', '5562999212484', now(), 'STORED', 'k', 'abc', 'image/jpeg', 'p', 'https://x/avatars/1?v=1');
        INSERT INTO profile_pic.lead_writes (lead_id) VALUES ('1')
        """);
  }

  private void trigger(String body) throws SQLException {
    crm.execute(
        "CREATE OR REPLACE FUNCTION public.trap() RETURNS trigger LANGUAGE plpgsql AS $$ "
            + body
            + " $$; CREATE OR REPLACE TRIGGER trap BEFORE UPDATE ON public.leads FOR EACH ROW EXECUTE FUNCTION public.trap()");
  }

  private Connection session(String role) throws SQLException {
    var connection = crm.connect();
    connection.createStatement().execute("SET ROLE " + role);
    return connection;
  }

  private static List<String> settings(Connection session) throws SQLException {
    return Crm.column(
        session,
        "SELECT name || '=' || setting FROM pg_settings WHERE name NOT LIKE 'transaction%' AND name NOT LIKE 'plpgsql.%' ORDER BY name");
  }
}
