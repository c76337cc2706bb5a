package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Compares every right of every role with a written table ({@code rights.txt}). The test fails for
 * an executable function that is not in the table, and for a function that a service can no longer
 * execute.
 */
class RightsTest {

  private static final String[] WITHOUT_CALLER = {
    // For the receiver itself, independent of the caller.
    "check_setup",
    "leads_are_visible",
    "read_lead_page",
    "walk_leads",
    "known_unmatched",
    "count_pictures",
    "valid_keys",
    "note_key_uses",
    "forget_idempotency_keys",
    "note_figures",
    "sample_minute",
    // For a browser, identified by the token of its session.
    "open_session",
    "find_session",
    "close_session",
    // For one caller, identified by its name.
    "take_idempotency_key",
    "answer_idempotency_key",
    "drop_idempotency_key",
    // Runs in the transaction of revoke_links, which knows its caller.
    "relink",
    // For requests with a signed link.
    "lead_name",
    "hold_photo",
    "keep_thumbnail",
    "thumbnail",
    "photo_of",
    "photo_piece",
    "shown_name",
    // For leads that were found within the caller's reach, or that no response mentions.
    "leads_that_have",
    "leads_to_look_at_again",
    "restart_walk",
    // For the sender of a webhook, identified by a signature, or by a key that names its instance.
    "take_receipt",
    "accept_receipt",
    "drop_receipt",
    "count_unrecognised",
    "gateway_names",
  };

  private final Crm crm = new Crm();

  @BeforeEach
  void migrate() throws SQLException {
    crm.execute(
        "CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, instance_id text, name text, secret text)");
    crm.migrate();
  }

  @AfterEach
  void drop() {
    crm.close();
  }

  @Test
  void eachRoleHasTheseRightsAndNoOthers() throws SQLException {
    assertThat(rights()).isEqualTo(table());
  }

  @Test
  void everythingThatAServiceCallsIsFenced() throws SQLException {
    assertThat(
            crm.column(
                """
                SELECT p.oid::regprocedure::text FROM pg_proc AS p
                WHERE p.pronamespace = 'profile_pic'::regnamespace AND p.provolatile <> 'i'
                  AND EXISTS (SELECT FROM unnest(ARRAY['profile_pic_worker', 'profile_pic_receiver']) AS r WHERE has_function_privilege(r, p.oid, 'EXECUTE'))
                  AND NOT (p.prosecdef AND 'row_security=off' = ANY (p.proconfig) AND 'search_path=pg_catalog, pg_temp' = ANY (p.proconfig)
                    AND p.proowner IN ('profile_pic_owner'::regrole, 'profile_pic_crm'::regrole))
                """))
        .isSubsetOf(
            "profile_pic.rests_until(profile_pic.instances)",
            "profile_pic.window_at(text,integer[],time without time zone,time without time zone,timestamp with time zone)");
  }

  @Test
  void nothingFindsNamesInASchemaOfTheCrm() throws SQLException {
    var all =
        "SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.pronamespace = 'profile_pic'::regnamespace";
    assertThat(crm.column(all + " AND p.proowner = 'profile_pic_crm'::regrole")).hasSize(11);
    assertThat(
            crm.column(
                all
                    + " AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)"))
        .isEmpty();
  }

  /** A function may find or change data for a caller only within the caller's reach. */
  @Test
  void whateverTheReceiverCallsKnowsTheInstancesOfItsCaller() throws SQLException {
    assertThat(
            crm.column(
                """
                SELECT DISTINCT p.proname FROM pg_proc AS p
                WHERE p.pronamespace = 'profile_pic'::regnamespace AND has_function_privilege('profile_pic_receiver', p.oid, 'EXECUTE')
                  AND NOT coalesce(p.proargnames && ARRAY['callers', 'caller', 'caller_instances'], false)
                ORDER BY 1
                """))
        .containsExactlyInAnyOrder(WITHOUT_CALLER);
  }

  @Test
  void nothingThatAServiceCallsWaitsForALockForLong() throws SQLException {
    assertThat(
            crm.column(
                """
                SELECT p.proname FROM pg_proc AS p
                WHERE p.pronamespace = 'profile_pic'::regnamespace AND p.prosecdef
                  AND EXISTS (SELECT FROM unnest(ARRAY['profile_pic_worker', 'profile_pic_receiver']) AS r WHERE has_function_privilege(r, p.oid, 'EXECUTE'))
                  AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS c WHERE c LIKE 'lock_timeout=%')
                """))
        .as("the writer's transactions set their own")
        .containsExactly("write_leads");

    crm.execute("INSERT INTO public.leads VALUES (1, '5562999212484')");
    try (var open = crm.connect()) {
      open.setAutoCommit(false);
      open.createStatement().execute("LOCK TABLE public.leads");
      assertThatThrownBy(
              () -> crm.execute("SET statement_timeout = '30s'; SELECT profile_pic.adopt(60, 10)"))
          .isInstanceOfSatisfying(
              SQLException.class, failure -> assertThat(failure.getSQLState()).isEqualTo("55P03"));
    }
  }

  private List<String> rights() throws SQLException {
    return crm
        .column(
            """
            WITH roles AS (
              SELECT rolname, oid FROM pg_roles WHERE rolname IN ('profile_pic_owner', 'profile_pic_crm', 'profile_pic_receiver', 'profile_pic_worker')
              UNION ALL SELECT 'PUBLIC', 0
            ), given AS (
              SELECT (aclexplode(p.proacl)).grantee, p.proowner AS owner, 'EXECUTE' AS privilege, 'function profile_pic.' || p.proname AS thing
              FROM pg_proc AS p WHERE p.pronamespace = 'profile_pic'::regnamespace
              UNION
              SELECT 0, p.proowner, 'EXECUTE', 'function profile_pic.' || p.proname
              FROM pg_proc AS p WHERE p.pronamespace = 'profile_pic'::regnamespace AND p.proacl IS NULL
              UNION
              SELECT (aclexplode(c.relacl)).grantee, c.relowner, (aclexplode(c.relacl)).privilege_type, format('%s.%s', n.nspname, c.relname)
              FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
              WHERE c.relkind IN ('r', 'v', 'S') AND (n.nspname = 'profile_pic' OR c.relname LIKE '%profile_pic%' OR c.oid = 'public.leads'::regclass)
              UNION
              SELECT (aclexplode(a.attacl)).grantee, c.relowner, (aclexplode(a.attacl)).privilege_type, format('%s.%s(%s)', n.nspname, c.relname, a.attname)
              FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
              WHERE a.attacl IS NOT NULL AND c.relkind IN ('r', 'v') AND n.nspname IN ('profile_pic', 'pgmq', 'public')
              UNION
              SELECT (aclexplode(n.nspacl)).grantee, n.nspowner, (aclexplode(n.nspacl)).privilege_type, 'schema ' || n.nspname
              FROM pg_namespace AS n WHERE n.nspname = 'profile_pic'
            )
            SELECT format('%s %s %s', r.rolname, g.thing, string_agg(DISTINCT g.privilege, ',' ORDER BY g.privilege))
            FROM given AS g JOIN roles AS r ON r.oid = g.grantee
            -- The owner of the functions may call each of them, and reads and writes each of our tables.
            WHERE NOT (r.rolname = 'profile_pic_owner' AND g.thing LIKE 'function %')
            GROUP BY r.rolname, g.thing ORDER BY 1
            """)
        .stream()
        .sorted()
        .toList();
  }

  private static List<String> table() {
    try (var in = RightsTest.class.getResourceAsStream("/rights.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .sorted()
          .toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
