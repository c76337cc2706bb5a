package dev.profilepic.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.Crm;
import dev.profilepic.embedded.EmbeddedPostgresServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a server of its own: roles belong to a whole server, and tests share one. */
class UninstallTest {

  private static final Uninstall.Patience IMPATIENT =
      new Uninstall.Patience(1, Duration.ofMillis(100), Duration.ZERO);
  private static final String OURS =
      """
      SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname LIKE '%profile\\_pic%'
      UNION ALL SELECT 'table ' || oid::regclass FROM pg_class WHERE relname LIKE '%profile\\_pic%'
      UNION ALL SELECT 'function ' || oid::regprocedure FROM pg_proc WHERE proname LIKE '%profile\\_pic%' OR prosrc LIKE '%profile\\_pic.%'
      UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgname LIKE '%profile\\_pic%'
      UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE rolname LIKE '%profile\\_pic%'
      UNION ALL SELECT 'queue ' || queue_name FROM pgmq.meta WHERE queue_name LIKE '%profile\\_pic%'
      UNION ALL SELECT 'right on ' || oid::regclass FROM pg_class WHERE relacl::text LIKE '%profile\\_pic%'
      UNION ALL SELECT 'right on ' || attname FROM pg_attribute WHERE attacl::text LIKE '%profile\\_pic%'
      UNION ALL SELECT 'policy ' || polname FROM pg_policy WHERE polname LIKE '%profile\\_pic%'
      """;

  @TempDir private static Path directory;
  private static EmbeddedPostgresServer server;
  private static int databases;

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private String url = "";

  @BeforeAll
  static void start() throws IOException {
    server = EmbeddedPostgresServer.start(directory, 0);
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  @BeforeEach
  void create() throws SQLException {
    var name = "crm_" + ++databases;
    server.ensureDatabase(name);
    url = server.jdbcUrl(name);
    execute(
        """
        CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, updated_at timestamptz DEFAULT '2026-01-01 00:00:00+00');
        INSERT INTO public.leads SELECT n, '556299921' || 1000 + n FROM generate_series(1, 50) AS n
        """);
    migrate();
    execute(
        """
        UPDATE public.leads SET profile_pic_url = 'https://crm.example.com/own.jpg' WHERE id = 1;
        INSERT INTO public.leads (id, phone) VALUES (51, '5562999212484');
        INSERT INTO profile_pic.avatars VALUES ('k', 'image/jpeg', 'x');
        CREATE POLICY profile_pic_owner ON public.leads TO profile_pic_owner USING (true) WITH CHECK (true)
        """);
  }

  @AfterEach
  void dropDatabase() throws SQLException {
    var name = url.replaceFirst(".*/([a-z0-9_]+)\\?.*", "$1");
    try (var connection = DriverManager.getConnection(server.jdbcUrl("postgres"))) {
      connection.createStatement().execute("DROP DATABASE " + name + " WITH (FORCE)");
    }
  }

  @Test
  void nothingOfOursIsLeftAndLeadsAreAsTheyWere() throws Exception {
    var leads = leads();

    assertThat(uninstall("--yes")).isZero();

    assertThat(column(OURS)).isEmpty();
    assertThat(leads()).isEqualTo(leads);
    assertThat(said()).contains("DROP SCHEMA profile_pic CASCADE", "a column that we added stays");
  }

  @Test
  void afterwardsItCanBeInstalledAnew() throws Exception {
    uninstall("--yes");
    migrate();
    execute("INSERT INTO public.leads (id, phone) VALUES (60, '5562999212485')");

    assertThat(column("SELECT message ->> 'lead_id' FROM pgmq.q_profile_pic_queue"))
        .containsExactly("60");
    assertThat(uninstall("--yes")).isZero();
    assertThat(column(OURS)).isEmpty();
  }

  @Test
  void columnsThatWeAddedGoWhereThatIsAskedForAndTheCrmsOwnStay() throws Exception {
    assertThat(uninstall("--yes", "--drop-columns")).isZero();

    assertThat(
            column(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'public.leads'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"))
        .containsExactly("id", "phone", "updated_at");
  }

  @Test
  void aSecondTimeItFindsNothingAndIsContent() throws Exception {
    uninstall("--yes");

    assertThat(uninstall("--yes")).isZero();
  }

  @Test
  void whoeverHoldsTheTableIsNamedAndNothingIsRemoved() throws Exception {
    var ours = column(OURS);
    try (var open = connect()) {
      open.setAutoCommit(false);
      open.createStatement().execute("SELECT FROM public.leads");

      assertThat(uninstall("--yes")).isEqualTo(1);

      assertThat(said()).contains("nothing was removed", pid(open));
    }
    assertThat(column(OURS)).isEqualTo(ours);
  }

  @Test
  void whatOthersBuiltOnOursIsNamedAndNothingIsRemoved() throws Exception {
    execute("CREATE VIEW public.report AS SELECT state FROM profile_pic.pictures");
    var ours = column(OURS);

    assertThat(uninstall("--yes")).isEqualTo(1);

    assertThat(said()).contains("view report");
    assertThat(column(OURS)).isEqualTo(ours);
  }

  @Test
  void aServiceThatIsStillConnectedIsNamed() throws Exception {
    try (var worker = DriverManager.getConnection(url + "&ApplicationName=profile-pic%20worker")) {
      assertThat(uninstall("--yes")).isEqualTo(1);

      assertThat(said()).contains("profile-pic worker (processes " + pid(worker) + ")");
    }
  }

  @Test
  void rolesThatAnotherDatabaseUsesStayAndItIsSaid() throws Exception {
    var other = "crm_other_" + databases;
    server.ensureDatabase(other);
    var first = url;
    url = server.jdbcUrl(other);
    execute("CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text)");
    migrate();
    url = first;

    assertThat(uninstall("--yes")).isZero();

    assertThat(said()).contains("role profile_pic_owner stays, it is used by: database " + other);
    assertThat(column(OURS)).allMatch(thing -> thing.startsWith("role "));
    url = server.jdbcUrl(other);
    assertThat(uninstall("--yes")).isZero();
    url = first;
    assertThat(column(OURS)).isEmpty();
  }

  @Test
  void theBridgesSchemaStaysUnlessAskedFor() throws Exception {
    execute(
        "CREATE ROLE profile_pic_bridge LOGIN; CREATE SCHEMA bridge AUTHORIZATION profile_pic_bridge; CREATE TABLE bridge.sessions (id text)");
    uninstall("--yes");
    assertThat(said()).contains("--drop-bridge");
    assertThat(column("SELECT to_regclass('bridge.sessions')::text"))
        .containsExactly("bridge.sessions");

    assertThat(uninstall("--yes", "--drop-bridge")).isZero();

    assertThat(column("SELECT nspname FROM pg_namespace WHERE nspname = 'bridge'")).isEmpty();
    assertThat(column(OURS)).isEmpty();
  }

  @Test
  void withoutYesTheDatabasesNameMustBeTyped() throws Exception {
    var ours = column(OURS);

    assertThat(uninstall()).isEqualTo(1);
    assertThat(column(OURS)).isEqualTo(ours);

    assertThat(uninstallTyping("crm_" + databases)).isZero();
    assertThat(column(OURS)).isEmpty();
  }

  @Test
  void anOptionThatDoesNotExistIsWrongUsage() throws Exception {
    assertThat(uninstall("--yes", "--everything")).isEqualTo(2);
  }

  @Test
  void anOwnerWhoIsNoSuperuserMayToo() throws Exception {
    uninstall("--yes");
    execute(
        """
        DROP TABLE public.leads; DROP EXTENSION pgmq;
        CREATE ROLE crm_owner LOGIN CREATEROLE;
        GRANT CREATE ON SCHEMA public TO crm_owner;
        DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO crm_owner', current_database()); END $$;
        SET ROLE crm_owner;
        CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text);
        RESET ROLE;
        CREATE EXTENSION pgmq; GRANT ALL ON SCHEMA pgmq TO crm_owner WITH GRANT OPTION; GRANT ALL ON ALL TABLES IN SCHEMA pgmq TO crm_owner;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA pgmq TO crm_owner
        """);
    var admin = url;
    url = url.replace("user=postgres", "user=crm_owner");
    migrate();

    assertThat(uninstall("--yes", "--drop-columns")).as(said()).isZero();

    url = admin;
    execute("DROP OWNED BY crm_owner CASCADE; DROP ROLE crm_owner");
    assertThat(column(OURS)).isEmpty();
  }

  @Test
  void whatIsWrongIsNamedWithoutADatabase() throws Exception {
    var away = Map.of("PROFILE_PIC_DATABASE_URL", "jdbc:postgresql://127.0.0.1:1/none");
    var out = new PrintStream(said, true, StandardCharsets.UTF_8);

    assertThat(UninstallCommand.run(List.of("--all"), away, out, out)).isEqualTo(2);
    assertThat(said()).startsWith("usage:").doesNotContain("refused");

    said.reset();
    assertThat(UninstallCommand.run(List.of("--yes"), away, out, out)).isEqualTo(1);
    assertThat(said()).startsWith("the database refused, nothing was removed:");

    said.reset();
    var secret = Map.of("PROFILE_PIC_DATABASE_PASSWORD_FILE", "/there/is/nothing");
    assertThat(UninstallCommand.run(List.of("--yes"), secret, out, out)).isEqualTo(2);
    assertThat(said()).startsWith("PROFILE_PIC_DATABASE_PASSWORD_FILE names /there/is/nothing");
  }

  private int uninstall(String... options) throws Exception {
    return run("", options);
  }

  private int uninstallTyping(String text) throws Exception {
    return run(text + "\n");
  }

  private int run(String typed, String... options) throws Exception {
    said.reset();
    try (var connection = connect()) {
      return new UninstallCommand(
              connection,
              new StringReader(typed),
              new PrintStream(said, true, StandardCharsets.UTF_8),
              IMPATIENT)
          .execute(List.of(options));
    }
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }

  /** Each row with its place and its transaction: one that is the same was not even rewritten. */
  private List<String> leads() throws SQLException {
    return column(
        "SELECT format('%s %s %s', l.ctid, l.xmin, l) FROM public.leads AS l ORDER BY id");
  }

  private void migrate() {
    MigrationsAutoConfiguration.configure(
            Flyway.configure(), Crm.leads("public.leads", "id", true, false))
        .dataSource(url, null, null)
        .load()
        .migrate();
  }

  private static String pid(Connection connection) throws SQLException {
    try (var row = connection.createStatement().executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      return row.getString(1);
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(url);
  }

  private void execute(String sql) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private List<String> column(String sql) throws SQLException {
    try (var connection = connect();
        var rows = connection.createStatement().executeQuery(sql)) {
      var values = new ArrayList<String>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }
}
