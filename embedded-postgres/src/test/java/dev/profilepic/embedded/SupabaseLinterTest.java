package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Applies the rules of Supabase's database linter (supabase/splinter) to the project's schema. The
 * rules have the linter's names, but their own SQL. The roles that Supabase's API acts for exist,
 * and see the schemas that a Supabase project with Queues exposes.
 */
class SupabaseLinterTest {

  /** A rule, with the query that finds its violations. */
  enum Rule {
    UNINDEXED_FOREIGN_KEYS(
        """
        SELECT k.conname FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
        WHERE k.contype = 'f' AND c.relnamespace = 'profile_pic'::regnamespace AND NOT EXISTS (
          SELECT FROM pg_index AS i
          WHERE i.indrelid = k.conrelid AND i.indisvalid AND (string_to_array(i.indkey::text, ' ')::smallint[])[1:array_length(k.conkey, 1)] = k.conkey)
        """),
    AUTH_USERS_EXPOSED(
        """
        SELECT c.relname FROM pg_rewrite AS r JOIN pg_class AS c ON c.oid = r.ev_class
        JOIN pg_depend AS d ON d.objid = r.oid WHERE d.refobjid = 'auth.users'::regclass
        """),
    NO_PRIMARY_KEY(
        """
        SELECT c.relname FROM pg_class AS c
        WHERE c.relkind = 'r' AND c.relnamespace = 'profile_pic'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary)
        """),
    POLICY_EXISTS_RLS_DISABLED(
        """
        SELECT c.relname FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid
        WHERE NOT c.relrowsecurity AND c.relnamespace = 'profile_pic'::regnamespace
        """),
    RLS_ENABLED_NO_POLICY(
        """
        SELECT c.relname FROM pg_class AS c
        WHERE c.relkind = 'r' AND c.relrowsecurity AND c.relnamespace = 'profile_pic'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid)
        """),
    DUPLICATE_INDEX(
        """
        SELECT min(indexname) FROM pg_indexes WHERE schemaname = 'profile_pic'
        GROUP BY tablename, replace(indexdef, indexname, '') HAVING count(*) > 1
        """),
    SECURITY_DEFINER_VIEW(
        """
        SELECT c.relname FROM pg_class AS c JOIN exposed AS e ON e.schema = c.relnamespace
        WHERE c.relkind = 'v' AND NOT coalesce(c.reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on']
          AND (has_table_privilege('anon', c.oid, 'SELECT') OR has_table_privilege('authenticated', c.oid, 'SELECT'))
        """),
    FUNCTION_SEARCH_PATH_MUTABLE(
        """
        SELECT p.oid::regprocedure::text FROM pg_proc AS p
        WHERE p.pronamespace IN ('profile_pic'::regnamespace, 'public'::regnamespace)
          AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS c WHERE c LIKE 'search_path=%')
        """),
    RLS_DISABLED_IN_PUBLIC(
        """
        SELECT c.relname FROM pg_class AS c JOIN exposed AS e ON e.schema = c.relnamespace
        WHERE c.relkind = 'r' AND NOT c.relrowsecurity
          AND (has_table_privilege('anon', c.oid, 'SELECT') OR has_table_privilege('authenticated', c.oid, 'SELECT'))
        """),
    EXTENSION_IN_PUBLIC(
        "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' AND extnamespace = 'public'::regnamespace"),
    MATERIALIZED_VIEW_IN_API(
        "SELECT c.relname FROM pg_class AS c JOIN exposed AS e ON e.schema = c.relnamespace WHERE c.relkind = 'm'"),
    FOREIGN_TABLE_IN_API(
        "SELECT c.relname FROM pg_class AS c JOIN exposed AS e ON e.schema = c.relnamespace WHERE c.relkind = 'f'"),
    UNSUPPORTED_REG_TYPES(
        """
        SELECT c.relname || '.' || a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'profile_pic'::regnamespace AND a.atttypid IN ('regcollation'::regtype, 'regconfig'::regtype,
          'regdictionary'::regtype, 'regnamespace'::regtype, 'regoper'::regtype, 'regoperator'::regtype, 'regproc'::regtype, 'regprocedure'::regtype)
        """),
    INSECURE_QUEUE_EXPOSED_IN_API(
        """
        SELECT c.relname FROM pg_class AS c
        WHERE c.relnamespace = 'pgmq'::regnamespace AND c.relname LIKE 'q\\_%' AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
          AND (has_table_privilege('anon', c.oid, 'SELECT') OR has_table_privilege('authenticated', c.oid, 'SELECT'))
        """),
    FKEY_TO_AUTH_UNIQUE(
        "SELECT conname FROM pg_constraint WHERE contype = 'f' AND confrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'auth'::regnamespace)"),
    RLS_POLICY_ALWAYS_TRUE(
        """
        SELECT c.relname FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid
        WHERE c.relnamespace IN ('profile_pic'::regnamespace, 'public'::regnamespace) AND p.polcmd <> 'r'
          AND (pg_get_expr(p.polqual, p.polrelid) = 'true' OR pg_get_expr(p.polwithcheck, p.polrelid) = 'true')
        """),
    SECURITY_DEFINER_FUNCTION_EXECUTABLE(
        """
        SELECT p.oid::regprocedure::text FROM pg_proc AS p JOIN exposed AS e ON e.schema = p.pronamespace
        WHERE p.prosecdef AND (has_function_privilege('anon', p.oid, 'EXECUTE') OR has_function_privilege('authenticated', p.oid, 'EXECUTE'))
        """),
    SENSITIVE_SCHEMA_REACHED_BY_THE_API(
        "SELECT role FROM unnest(ARRAY['anon', 'authenticated', 'service_role']) AS role WHERE has_schema_privilege(role, 'profile_pic', 'USAGE')");

    private static final String EXPOSED =
        "WITH exposed AS (SELECT to_regnamespace(s) AS schema FROM unnest(ARRAY['public', 'graphql_public', 'pgmq_public']) AS s) ";

    private final String breaches;

    Rule(String breaches) {
      this.breaches = EXPOSED + breaches;
    }
  }

  private final Crm crm = new Crm();

  @BeforeEach
  void makeAProject() throws SQLException {
    crm.execute(
        """
        DO $$
        DECLARE r text;
        BEGIN
          FOREACH r IN ARRAY ARRAY['anon', 'authenticated', 'service_role'] LOOP
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
              EXECUTE format('CREATE ROLE %I NOLOGIN', r);
            END IF;
          END LOOP;
        END $$;
        CREATE SCHEMA auth; CREATE TABLE auth.users (id uuid PRIMARY KEY);
        GRANT USAGE ON SCHEMA public TO anon, authenticated, service_role;
        -- What a project gives to its API of everything that is made in public.
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO anon, authenticated, service_role;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON FUNCTIONS TO anon, authenticated, service_role;
        CREATE TABLE public.leads (id uuid PRIMARY KEY, phone text, instance_id text, name text);
        ALTER TABLE public.leads ENABLE ROW LEVEL SECURITY;
        """);
    crm.migrate();
  }

  @AfterEach
  void drop() {
    crm.close();
  }

  @ParameterizedTest
  @EnumSource
  void findsNothing(Rule rule) throws SQLException {
    assertThat(crm.column(rule.breaches)).isEmpty();
  }

  /** Breaks each rule that a single statement can break. */
  @Test
  void findsWhatIsWrong() throws SQLException {
    crm.execute(
        """
        CREATE TABLE profile_pic.bad (a bigint, kind regproc, b uuid REFERENCES auth.users, lead uuid REFERENCES public.leads);
        CREATE INDEX one ON profile_pic.bad (a); CREATE INDEX other ON profile_pic.bad (a);
        CREATE POLICY p ON profile_pic.bad USING (true);
        CREATE TABLE profile_pic.worse (a bigint PRIMARY KEY); ALTER TABLE profile_pic.worse ENABLE ROW LEVEL SECURITY;
        CREATE TABLE public.open (a bigint PRIMARY KEY);
        CREATE VIEW public.shown AS SELECT * FROM profile_pic.pictures;
        CREATE VIEW public.users AS SELECT * FROM auth.users;
        CREATE MATERIALIZED VIEW public.kept AS SELECT 1 AS one;
        CREATE FUNCTION public.call() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
        GRANT SELECT ON pgmq.q_profile_pic_queue TO authenticated; GRANT USAGE ON SCHEMA profile_pic TO anon;
        """);

    var silent =
        List.of(
            // The test has no available extension to create in public, and no server for foreign
            // tables.
            Rule.EXTENSION_IN_PUBLIC, Rule.FOREIGN_TABLE_IN_API);
    for (var rule : Rule.values()) {
      assertThat(crm.column(rule.breaches).isEmpty())
          .as(rule.name())
          .isEqualTo(silent.contains(rule));
    }
  }
}
