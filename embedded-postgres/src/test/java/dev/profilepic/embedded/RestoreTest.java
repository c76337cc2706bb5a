package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.profilepic.embedded.EmbeddedPostgresServer.Versions;
import dev.profilepic.migrations.MigrationsAutoConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A dump that was restored into another database of the server, where the project's roles exist
 * already. The server is PostgreSQL 15, because every pg_dump can read it.
 *
 * <p>Needs that server ({@code PROFILE_PIC_TEST_POSTGRES_15}) and pg_dump ({@code
 * PROFILE_PIC_TEST_PG_CLIENT}); bin/test fetches both and sets the variables.
 */
class RestoreTest {

  private static final String WORKER = "SET ROLE profile_pic_worker; ";
  private static final String CLAIM =
      WORKER
          + "SELECT msg_id FROM profile_pic.claim(ARRAY['demo'], ARRAY['-infinity'::timestamptz], ARRAY[9], 9, interval '1 minute', 'demo', 6000000) WHERE msg_id IS NOT NULL";

  @TempDir private static Path directory;
  private static EmbeddedPostgresServer server;

  @BeforeAll
  static void dump() throws Exception {
    for (var variable : List.of("PROFILE_PIC_TEST_POSTGRES_15", "PROFILE_PIC_TEST_PG_CLIENT")) {
      assumeTrue(
          System.getenv(variable) != null, variable + " is not set: bin/test sets it, see there");
    }
    server =
        EmbeddedPostgresServer.start(
            directory.resolve("server"),
            0,
            new Versions(Path.of(System.getenv("PROFILE_PIC_TEST_POSTGRES_15")), null));
    server.ensureDatabase("crm");
    execute(
        "crm", "CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, instance_id text)");
    migrate("crm");
    execute(
        "crm",
        "INSERT INTO public.leads SELECT n, '556299921248' || n, 'demo' FROM generate_series(1, 3) AS n");
    client("pg_dump", "-Fc", "-f", directory.resolve("dump").toString(), "crm");
  }

  @AfterAll
  static void stop() throws IOException {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void everythingWorksAsBefore() throws Exception {
    restore("restored");

    worksWithAllThatWaited("restored");
  }

  @Test
  void messageIdsThatWereSetBackGoOnBehindThoseThatWereGivenOut() throws Exception {
    restore("set_back");
    execute(
        "set_back",
        "SELECT setval(pg_get_serial_sequence('pgmq.q_profile_pic_queue', 'msg_id'), 1, false)");

    worksWithAllThatWaited("set_back");
  }

  /** Imitates Supabase's hook on a restored queue, which loses the rights on the sequence. */
  @Test
  void keysAndSequencesThatWereRebuiltAreNamedAndMendedByTheMigrations() throws Exception {
    restore("rebuilt");
    execute(
        "rebuilt",
        """
        ALTER TABLE pgmq.q_profile_pic_queue DROP CONSTRAINT q_profile_pic_queue_pkey;
        ALTER TABLE pgmq.q_profile_pic_queue ALTER COLUMN msg_id DROP IDENTITY;
        ALTER TABLE pgmq.q_profile_pic_queue ALTER COLUMN msg_id ADD GENERATED ALWAYS AS IDENTITY;
        ALTER TABLE pgmq.q_profile_pic_queue ADD PRIMARY KEY (msg_id);
        """);
    assertThat(column("rebuilt", WORKER + "SELECT problem FROM profile_pic.check_setup()"))
        .singleElement()
        .asString()
        .contains("may not set the sequence of message ids");
    // heal, which also protects the message ids, does not fail meanwhile.
    column("rebuilt", WORKER + "SELECT healed FROM profile_pic.heal(0, 10)");

    migrate("rebuilt");

    worksWithAllThatWaited("rebuilt");
  }

  private static void worksWithAllThatWaited(String database) throws SQLException {
    assertThat(column(database, WORKER + "SELECT problem FROM profile_pic.check_setup()"))
        .isEmpty();
    execute(database, "INSERT INTO public.leads VALUES (4, '5562999212484', 'demo')");
    column(database, WORKER + "SELECT adopted FROM profile_pic.adopt(6000000, 10)");
    assertThat(column(database, CLAIM)).hasSize(4).doesNotHaveDuplicates();
    assertThat(column(database, "SELECT msg_id FROM pgmq.q_profile_pic_queue ORDER BY 1"))
        .startsWith("1", "2", "3")
        .hasSize(4);
    assertThat(
            column(
                database,
                "SET ROLE profile_pic_receiver; SELECT lead_id FROM profile_pic.match_leads(ARRAY['99212484'], 5)"))
        .containsExactly("4");
  }

  private static void restore(String database) throws Exception {
    server.ensureDatabase(database);
    client("pg_restore", "-d", database, directory.resolve("dump").toString());
  }

  private static void migrate(String database) {
    MigrationsAutoConfiguration.configure(
            Flyway.configure(), Crm.leads("public.leads", "id", true, false))
        .dataSource(server.jdbcUrl(database), null, null)
        .load()
        .migrate();
  }

  private static void execute(String database, String sql) throws SQLException {
    try (var connection = DriverManager.getConnection(server.jdbcUrl(database));
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> column(String database, String sql) throws SQLException {
    try (var connection = DriverManager.getConnection(server.jdbcUrl(database))) {
      return Crm.column(connection, sql);
    }
  }

  private static void client(String program, String... arguments) throws Exception {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getenv("PROFILE_PIC_TEST_PG_CLIENT"), program).toString());
    command.addAll(
        List.of("-h", "127.0.0.1", "-p", String.valueOf(server.port()), "-U", "postgres"));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    var libraries = System.getenv("PROFILE_PIC_TEST_PG_LIBRARIES");
    if (libraries != null && !libraries.isBlank()) {
      builder.environment().put("LD_LIBRARY_PATH", libraries);
    }
    var process = builder.start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }
}
