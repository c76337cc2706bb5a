package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.migrations.MigrationsAutoConfiguration;
import java.sql.SQLException;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** An owner as on hosted databases: not a superuser, but with CREATEROLE. */
class DatabaseOwnersTest extends CrmTest {

  private final String owner = "owner_" + UUID.randomUUID().toString().substring(0, 8);

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

  /** Gives the database, its extension and the CRM's table to a new role with these rights. */
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
