package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.migrations.MigrationsAutoConfiguration;
import java.sql.SQLException;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Row level security, and an owner as hosted databases give: no superuser, but with CREATEROLE. */
class RowSecurityTest {

  private final Crm crm = new Crm();
  private final String owner = "owner_" + UUID.randomUUID().toString().substring(0, 8);

  @BeforeEach
  void create() throws SQLException {
    crm.execute(
        "CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text); INSERT INTO public.leads VALUES (1, '5562999212484')");
  }

  @AfterEach
  void drop() throws SQLException {
    crm.close();
  }

  @Test
  void rowsAreSeenThroughPolicylessRowSecurityEverywhere() throws SQLException {
    crm.migrate();
    crm.execute(
        "INSERT INTO profile_pic.api_keys (name, sha256, scopes) VALUES ('k', sha256('k'), '{read}')");
    crm.execute(
        """
        DO $$ DECLARE t regclass; BEGIN
          FOR t IN SELECT c.oid::regclass FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                   WHERE c.relkind = 'r' AND (n.nspname = 'profile_pic' AND c.relname <> 'flyway_schema_history' OR c.relname LIKE '%profile_pic%' OR c.relname = 'leads') LOOP
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
            EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
          END LOOP; END $$
        """);

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

  @Test
  void anOwnerWhoMayCreateRolesButIsNoSuperuserCanMigrateTwice() throws SQLException {
    asOwner("CREATEROLE BYPASSRLS");

    flyway().migrate();
    crm.execute("UPDATE profile_pic.flyway_schema_history SET checksum = 0 WHERE version IS NULL");
    flyway().migrate();

    crm.execute("INSERT INTO public.leads VALUES (2, '5562999212485')");
    assertThat(
            crm.column(
                "SET ROLE profile_pic_receiver; SELECT lead_id FROM profile_pic.match_leads(ARRAY['99212485'], 5)"))
        .containsExactly("2");
    assertThat(crm.column("SELECT profile_pic.update_leads(ARRAY['1'], ARRAY['u'], ARRAY['k'])"))
        .containsExactly("1");
  }

  @Test
  void anOwnerWhoMayNotCreateRolesIsToldWhatToRun() throws SQLException {
    asOwner("NOCREATEROLE");

    assertThatThrownBy(() -> flyway().migrate())
        .hasMessageContaining("profile_pic_owner")
        .hasMessageContaining(owner);
  }

  @Test
  void aTableThatIsNotTheOwnersIsNamedWithTheGrants() throws SQLException {
    asOwner("CREATEROLE BYPASSRLS");
    crm.execute(
        "ALTER TABLE public.leads ADD profile_pic_url text, ADD profile_pic_storage_path text, ADD updated_at timestamptz; ALTER TABLE public.leads OWNER TO postgres; GRANT SELECT, TRIGGER ON public.leads TO "
            + owner);

    assertThatThrownBy(() -> flyway().migrate())
        .hasMessageContaining("GRANT")
        .hasMessageContaining("public.leads");
  }

  @Test
  void whatCannotBeGrantedIsNamedInsteadOfMissingLater() throws SQLException {
    asOwner("CREATEROLE BYPASSRLS");
    crm.execute("REVOKE GRANT OPTION FOR ALL ON SCHEMA pgmq FROM " + owner);

    assertThatThrownBy(() -> flyway().migrate())
        .hasMessageContaining("GRANT USAGE ON SCHEMA pgmq TO profile_pic_owner");
  }

  @Test
  void withoutBypassTheMigrationStopsWithThePoliciesAndGoesOnWithThem() throws SQLException {
    withoutBypass(() -> {
      asOwner("CREATEROLE NOBYPASSRLS");
      crm.execute(
          "ALTER TABLE public.leads ENABLE ROW LEVEL SECURITY; ALTER TABLE public.leads FORCE ROW LEVEL SECURITY");

      assertThatThrownBy(() -> flyway().migrate())
          .hasMessageContaining(
              "CREATE POLICY profile_pic_owner ON public.leads TO profile_pic_owner USING (true) WITH CHECK (true);");

      crm.execute(
          "CREATE POLICY profile_pic_owner ON public.leads TO profile_pic_owner USING (true) WITH CHECK (true);"
              + "CREATE POLICY profile_pic_crm ON public.leads TO profile_pic_crm USING (true) WITH CHECK (true);");
      flyway().migrate();
      assertThat(
              crm.column(
                  "SET ROLE profile_pic_receiver; SELECT lead_id FROM profile_pic.read_leads(ARRAY['1'])"))
          .containsExactly("1");
      assertThat(crm.column("SELECT profile_pic.update_leads(ARRAY['1'], ARRAY['u'], ARRAY['k'])"))
          .containsExactly("1");
    });
  }

  private interface Steps {
    void run() throws SQLException;
  }

  /** Our roles belong to the server, and other tests need them as they were. */
  private void withoutBypass(Steps steps) throws SQLException {
    crm.execute(
        "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'profile_pic_owner') THEN ALTER ROLE profile_pic_owner NOBYPASSRLS; ALTER ROLE profile_pic_crm NOBYPASSRLS; END IF; END $$");
    try {
      steps.run();
    } finally {
      crm.execute("ALTER ROLE profile_pic_owner BYPASSRLS; ALTER ROLE profile_pic_crm BYPASSRLS");
    }
  }

  /** Gives the database, its extension and the CRM's table to somebody with these rights. */
  private void asOwner(String rights) throws SQLException {
    var adopted =
        crm.column(
            "SELECT format('GRANT %I TO %I WITH ADMIN TRUE, INHERIT FALSE', rolname, '"
                + owner
                + "') FROM pg_roles WHERE rolname LIKE 'profile_pic%'");
    crm.execute("CREATE ROLE " + owner + " LOGIN " + rights);
    if (rights.startsWith("CREATEROLE")) {
      for (var grant : adopted) {
        crm.execute(grant);
      }
    }
    crm.execute(
        "CREATE EXTENSION pgmq; GRANT ALL ON SCHEMA pgmq TO %1$s WITH GRANT OPTION; GRANT ALL ON ALL TABLES IN SCHEMA pgmq TO %1$s; GRANT ALL ON ALL SEQUENCES IN SCHEMA pgmq TO %1$s"
            .formatted(owner));
    crm.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO "
            + owner
            + "', current_database()); END $$");
    crm.execute("ALTER TABLE public.leads OWNER TO " + owner);
  }

  private Flyway flyway() {
    var dataSource = new PGSimpleDataSource();
    dataSource.setUrl(crm.database.jdbcUrl());
    dataSource.setUser(owner);
    return MigrationsAutoConfiguration.configure(
            Flyway.configure(), Crm.leads("public.leads", "id", true, false))
        .dataSource(dataSource)
        .load();
  }
}
