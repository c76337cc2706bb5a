package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

class TestDatabaseTest {

  @Test
  void databasesAreApartFromEachOther() throws SQLException {
    try (var one = TestDatabase.migrated();
        var other = TestDatabase.migrated()) {
      try (var connection = one.dataSource().getConnection();
          var statement = connection.createStatement()) {
        statement.execute("SELECT pgmq.send('profile_pic_queue', '{}')");
      }

      assertThat(numbers(one, "SELECT count(*) FROM pgmq.q_profile_pic_queue")).containsExactly(1L);
      assertThat(numbers(other, "SELECT count(*) FROM pgmq.q_profile_pic_queue"))
          .containsExactly(0L);
    }
  }

  @Test
  void aSessionIsUsedAgainAsIfItWereNew() throws SQLException {
    try (var database = TestDatabase.migrated()) {
      var session = sessionAfter(database, "SELECT 1");

      for (var left :
          List.of(
              "BEGIN; CREATE TABLE public.of_an_open_transaction ()",
              "SET ROLE profile_pic_worker; SET search_path = nowhere",
              "SELECT pg_advisory_lock(1); CREATE TEMP TABLE leads ()",
              "BEGIN; SELECT 1/0")) {
        assertThat(sessionAfter(database, left)).as(left).isEqualTo(session);
        try (var connection = database.sessions().getConnection();
            var rows =
                connection
                    .createStatement()
                    .executeQuery(
                        """
                        SELECT current_user = session_user, current_schema, coalesce(to_regclass('of_an_open_transaction'), to_regclass('pg_temp.leads')),
                               (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())
                        """)) {
          rows.next();
          assertThat(rows.getBoolean(1)).isTrue();
          assertThat(rows.getString(2)).isEqualTo("public");
          assertThat(rows.getString(3)).isNull();
          assertThat(rows.getInt(4)).isZero();
        }
      }
    }
  }

  @Test
  void aSessionThatWasEndedIsReplaced() throws SQLException {
    try (var database = TestDatabase.migrated()) {
      int session = sessionAfter(database, "SELECT 1");
      try (var other = database.dataSource().getConnection();
          var statement = other.createStatement()) {
        statement.execute("SELECT pg_terminate_backend(" + session + ", 10000)");
      }

      assertThat(sessionAfter(database, "SELECT 1")).isNotEqualTo(session);
    }
  }

  /** Leaves a session behind that has run the statements, and returns its process. */
  private static int sessionAfter(TestDatabase database, String sql) throws SQLException {
    try (var connection = database.sessions().getConnection();
        var statement = connection.createStatement()) {
      int session = connection.unwrap(PGConnection.class).getBackendPID();
      try {
        statement.execute(sql);
      } catch (SQLException expected) {
        // Its transaction has failed and is still open.
      }
      return session;
    }
  }

  @Test
  void aServerThatOutlivesTheTestsKeepsNothingOfThem() throws Exception {
    var adminUrl = TestServer.get().adminUrl();

    var said = runForgetfulTests(adminUrl);

    var name = said.lines().filter(line -> line.startsWith("database: ")).findFirst().orElseThrow();
    assertThat(databases(adminUrl)).doesNotContain(name.substring("database: ".length()));
  }

  private static String runForgetfulTests(String serverUrl)
      throws IOException, InterruptedException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var builder =
        new ProcessBuilder(
                java,
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                ForgetfulTests.class.getName())
            .redirectErrorStream(true);
    builder.environment().put("PROFILE_PIC_TEST_DATABASE_URL", serverUrl);
    var process = builder.start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  private static List<String> databases(String adminUrl) throws SQLException {
    try (var connection = DriverManager.getConnection(adminUrl);
        var rows = connection.createStatement().executeQuery("SELECT datname FROM pg_database")) {
      var names = new ArrayList<String>();
      while (rows.next()) {
        names.add(rows.getString(1));
      }
      return names;
    }
  }

  private static List<Long> numbers(TestDatabase database, String sql) throws SQLException {
    try (var connection = database.dataSource().getConnection();
        var rows = connection.createStatement().executeQuery(sql)) {
      var values = new ArrayList<Long>();
      while (rows.next()) {
        values.add(rows.getLong(1));
      }
      return values;
    }
  }
}
