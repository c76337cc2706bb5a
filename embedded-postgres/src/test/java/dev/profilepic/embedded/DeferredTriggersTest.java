package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.profilepic.embedded.EmbeddedPostgresServer.Versions;
import dev.profilepic.migrations.MigrationsAutoConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The CRM's deferred triggers never run as the worker. The server is PostgreSQL 15, because since
 * version 18 a trigger runs as the role that queued it.
 *
 * <p>Needs that server ({@code PROFILE_PIC_TEST_POSTGRES_15}); bin/test fetches it and sets the
 * variable.
 */
class DeferredTriggersTest {

  @TempDir private static Path directory;
  private static EmbeddedPostgresServer server;
  private static int databases;

  private String database;

  @BeforeAll
  static void start() throws IOException {
    var binaries = System.getenv("PROFILE_PIC_TEST_POSTGRES_15");
    assumeTrue(
        binaries != null, "PROFILE_PIC_TEST_POSTGRES_15 is not set: bin/test sets it, see there");
    server =
        EmbeddedPostgresServer.start(
            directory.resolve("server"), 0, new Versions(Path.of(binaries), null));
  }

  @AfterAll
  static void stop() throws IOException {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void create() throws Exception {
    database = "crm" + ++databases;
    server.ensureDatabase(database);
    execute(
        """
        CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, profile_pic_url text);
        INSERT INTO public.leads VALUES (1, '5562999212484');
        CREATE TABLE public.spied (who text, what text);
        CREATE TABLE public.second (id bigint);
        CREATE TABLE public.third (id bigint);
        GRANT ALL ON public.spied, public.second, public.third TO PUBLIC;
        """);
    MigrationsAutoConfiguration.configure(
            Flyway.configure(), Crm.leads("public.leads", "id", true, false))
        .dataSource(server.jdbcUrl(database), null, null)
        .load()
        .migrate();
    execute(
        """
        INSERT INTO profile_pic.pictures (lead_id, phone, requested_at, state, storage_key, sha256, content_type, source_id, lead_url)
        VALUES ('1', '5562999212484', now(), 'STORED', 'k', 'abc', 'image/jpeg', 'p', 'https://x/avatars/1?v=1');
        INSERT INTO profile_pic.lead_writes (lead_id) VALUES ('1')
        """);
  }

  @Test
  void aTriggerThatADeferredTriggerDefersRunsAsTheSameRole() throws SQLException {
    deferred("leads", "UPDATE", "INSERT INTO public.second VALUES (1)");
    deferred("second", "INSERT", "INSERT INTO public.third VALUES (1)");
    deferred("third", "INSERT", "NULL");

    assertThat(write()).containsExactly("written");

    assertThat(column("SELECT what || ' ' || who FROM public.spied"))
        .containsExactly(
            "leads profile_pic_crm", "second profile_pic_crm", "third profile_pic_crm");
  }

  @Test
  void triggersThatDeferOthersWithoutEndAreRefused() throws SQLException {
    deferred("leads", "UPDATE", "INSERT INTO public.second VALUES (1)");
    deferred(
        "second",
        "INSERT",
        "IF (SELECT count(*) FROM public.second) < 50 THEN INSERT INTO public.second VALUES (1); END IF");

    assertThatThrownBy(this::write).hasMessageContaining("again and again");

    assertThat(column("SELECT who FROM public.spied")).isEmpty();
  }

  /** Temporary tables can be written in a read-only transaction, too. */
  @Test
  void triggersOfTemporaryTablesAreRefused() throws SQLException {
    deferred(
        "leads",
        "UPDATE",
        """
        CREATE TEMPORARY TABLE own (id bigint);
        GRANT ALL ON own TO PUBLIC;
        CREATE CONSTRAINT TRIGGER spy AFTER INSERT ON own DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION public.again();
        INSERT INTO pg_temp.own VALUES (1)
        """);
    execute(
        """
        CREATE FUNCTION public.again() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          SET CONSTRAINTS ALL DEFERRED;
          IF current_user = 'profile_pic_worker' THEN
            INSERT INTO public.spied VALUES (current_user, 'temporary');
          ELSE
            INSERT INTO pg_temp.own VALUES (1);
          END IF;
          RETURN NULL;
        END $$
        """);

    assertThatThrownBy(this::write).hasMessageContaining("temporary table");

    assertThat(column("SELECT who FROM public.spied")).isEmpty();
  }

  @Test
  void whatAViewDefersWhileItsRowsAreLockedRunsAsTheSameRole() throws SQLException {
    deferred("second", "INSERT", "NULL");
    execute(
        """
        ALTER TABLE public.leads RENAME TO people;
        CREATE FUNCTION public.look() RETURNS boolean LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO public.second VALUES (1); RETURN true; END $$;
        UPDATE public.people SET profile_pic_url = 'https://x/avatars/1?v=1', profile_pic_storage_path = 'k';
        CREATE VIEW public.leads AS SELECT * FROM public.people WHERE public.look();
        GRANT SELECT, UPDATE ON public.leads, public.people TO PUBLIC;
        """);

    assertThat(write()).containsExactly("same");

    assertThat(column("SELECT DISTINCT who FROM public.spied")).containsExactly("profile_pic_crm");
  }

  @Test
  void deferrableForeignKeysAreChecked() throws SQLException {
    execute(
        """
        CREATE TABLE public.links (url text PRIMARY KEY);
        ALTER TABLE public.leads ADD FOREIGN KEY (profile_pic_url) REFERENCES public.links DEFERRABLE INITIALLY DEFERRED
        """);
    assertThatThrownBy(this::write).hasMessageContaining("foreign key");

    execute("INSERT INTO public.links VALUES ('https://x/avatars/1?v=1')");
    assertThat(write()).containsExactly("written");
  }

  /** A deferred trigger that notes who runs it, and defers all triggers before it does a thing. */
  private void deferred(String table, String event, String thing) throws SQLException {
    execute(
        """
        CREATE FUNCTION public.on_TABLE() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          SET CONSTRAINTS ALL DEFERRED;
          INSERT INTO public.spied VALUES (current_user, TG_TABLE_NAME);
          THING;
          RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER spy AFTER EVENT ON public.TABLE DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION public.on_TABLE()
        """
            .replace("on_TABLE", "on_" + table)
            .replace("public.TABLE", "public." + table)
            .replace("THING", thing)
            .replace("EVENT", event));
  }

  private List<String> write() throws SQLException {
    return column(
        "SET ROLE profile_pic_worker", "SELECT result FROM profile_pic.write_leads(ARRAY['1'])");
  }

  private void execute(String sql) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private List<String> column(String... statements) throws SQLException {
    try (var connection = connect()) {
      for (int i = 0; i < statements.length - 1; i++) {
        connection.createStatement().execute(statements[i]);
      }
      return Crm.column(connection, statements[statements.length - 1]);
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(server.jdbcUrl(database));
  }
}
