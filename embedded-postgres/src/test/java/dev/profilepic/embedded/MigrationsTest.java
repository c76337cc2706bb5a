package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.migrations.LeadsTable;
import dev.profilepic.migrations.MigrationsAutoConfiguration;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MigrationsTest {

  private TestDatabase database;

  @BeforeEach
  void create() {
    database = TestDatabase.empty();
  }

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void bothQueuesAndOurSchemaAreMade() throws SQLException {
    database.migrate(leads("public.leads", "id", true));

    assertThat(column("SELECT queue_name FROM pgmq.list_queues() ORDER BY 1"))
        .containsExactly("profile_pic_dlq", "profile_pic_queue");
    assertThat(
            column(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'profile_pic'"))
        .contains("pictures", "picture_history", "avatars", "instances");
  }

  @Test
  void migratingAgainChangesNothing() throws SQLException {
    database.migrate(leads("public.leads", "id", true));
    var before = column("SELECT count(*)::text FROM profile_pic.flyway_schema_history");

    database.migrate(leads("public.leads", "id", true));

    assertThat(column("SELECT count(*)::text FROM profile_pic.flyway_schema_history"))
        .isEqualTo(before);
  }

  @Test
  void aFileThatWasAppliedUnderAnEarlierNameStopsNothing() throws SQLException {
    database.migrate(leads("public.leads", "id", true));
    execute(
        "UPDATE profile_pic.flyway_schema_history SET script = 'R__23_operations.sql', description = '23 operations' WHERE script = 'R__23_instances.sql'");

    database.migrate(leads("public.leads", "id", true));
    database.migrate(leads("public.leads", "id", true));

    assertThat(
            column(
                "SELECT script FROM profile_pic.flyway_schema_history WHERE script LIKE 'R\\_\\_23%' ORDER BY installed_rank"))
        .containsExactly("R__23_operations.sql", "R__23_instances.sql");
  }

  @Test
  void ofTheCrmsTableOnlyTheMissingColumnsAreAdded() throws SQLException {
    execute(
        "CREATE TABLE public.leads (id uuid PRIMARY KEY, phone text NOT NULL, profile_pic_url varchar(500), theirs jsonb)");

    database.migrate(leads("public.leads", "id", false));

    assertThat(
            column(
                "SELECT column_name || ' ' || data_type FROM information_schema.columns WHERE table_name = 'leads' ORDER BY ordinal_position"))
        .containsExactly(
            "id uuid",
            "phone text",
            "profile_pic_url character varying",
            "theirs jsonb",
            "profile_pic_storage_path text",
            "updated_at timestamp with time zone");
  }

  @ParameterizedTest
  @CsvSource({
    "uuid, 7b1c9a52-6b5e-4c40-9d7e-5f3f1f1b2a10, 7B1C9A52-6B5E-4C40-9D7E-5F3F1F1B2A10",
    "bigint, 42, 0042",
    "integer, 42, 42",
    "text, lead/42, lead/42",
    "varchar(40), lead 42, lead 42"
  })
  void theKeyMayBeOfAnyUsualType(String type, String id, String written) throws SQLException {
    execute("CREATE SCHEMA crm");
    execute("CREATE TABLE crm.contacts (contact_id " + type + " PRIMARY KEY, phone text)");
    execute("INSERT INTO crm.contacts VALUES ('" + id + "', '5562999212484')");

    database.migrate(leads("crm.contacts", "contact_id", false));

    assertThat(
            column(
                "SELECT status || ' ' || lead_id FROM profile_pic.enqueue('[{\"lead_id\": \""
                    + written
                    + "\", \"phone\": \"5562999212484\"}]')"))
        .containsExactly("queued " + id);
    assertThat(
            column(
                "SELECT status FROM profile_pic.enqueue('[{\"lead_id\": \"; drop\", \"phone\": \"5562999212484\"}]')"))
        .containsExactly("unknown_lead");
  }

  @Test
  void otherNamesAreTakenOverWhenTheyChange() throws SQLException {
    execute("CREATE TABLE public.leads (id uuid PRIMARY KEY, phone text)");
    execute("CREATE TABLE public.people (id bigint PRIMARY KEY, phone text)");
    execute("INSERT INTO public.people VALUES (7, '5562999212484')");
    database.migrate(leads("public.leads", "id", false));

    database.migrate(leads("public.people", "id", false));

    assertThat(column("SELECT lead_id FROM profile_pic.find_leads(ARRAY['7'])"))
        .containsExactly("7");
  }

  @Test
  void aTableThatDoesNotExistIsNamedWithTheRemedy() {
    assertThatThrownBy(() -> database.migrate(leads("public.nowhere", "id", false)))
        .hasMessageContaining("public.nowhere")
        .hasMessageContaining("profile-pic.leads.table");
  }

  @Test
  void aColumnThatDoesNotExistIsNamedWithTheRemedy() throws SQLException {
    execute("CREATE TABLE public.leads (id uuid PRIMARY KEY, telephone text)");

    assertThatThrownBy(() -> database.migrate(leads("public.leads", "id", false)))
        .hasMessageContaining("\"phone\"")
        .hasMessageContaining("profile-pic.leads.phone-column");
  }

  @Test
  void aServerWithoutPgmqIsToldWhatToDo() throws Exception {
    try (var plain = EmbeddedPostgres.builder().start()) {
      var flyway =
          MigrationsAutoConfiguration.configure(
                  Flyway.configure(), leads("public.leads", "id", true))
              .dataSource(plain.getPostgresDatabase())
              .load();

      assertThatThrownBy(flyway::migrate)
          .hasMessageContaining("\"pgmq\" is not available")
          .hasMessageContaining("ghcr.io/pgmq/pg18-pgmq");
    }
  }

  private static LeadsTable leads(String table, String id, boolean create) {
    return Crm.leads(table, id, true, create);
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private List<String> column(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      var values = new ArrayList<String>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }
}
