package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.migrations.MigrationsAutoConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** PGMQ that was installed by its SQL file, or that cannot be installed. */
class PgmqWithoutExtensionTest {

  private final Crm crm = new Crm();

  @BeforeEach
  void create() throws SQLException {
    crm.execute(
        "CREATE TABLE public.leads (id bigint PRIMARY KEY, phone text, instance_id text); INSERT INTO public.leads VALUES (1, '5562999212484', 'demo')");
  }

  @AfterEach
  void drop() {
    crm.close();
  }

  @Test
  void itsFunctionsAreEnough() throws SQLException {
    crm.execute(sqlFile());

    crm.migrate();
    crm.execute("UPDATE profile_pic.flyway_schema_history SET checksum = 0 WHERE version IS NULL");
    crm.migrate();

    assertThat(crm.column("SELECT extname FROM pg_extension WHERE extname = 'pgmq'")).isEmpty();
    assertThat(
            crm.column(
                "SET ROLE profile_pic_worker; SELECT problem FROM profile_pic.check_setup()"))
        .isEmpty();
    crm.execute(
        "SELECT pgmq.send('profile_pic_queue', '{\"lead_id\": \"1\", \"phone\": \"5562999212484\"}')");
    assertThat(
            crm.column(
                "SET ROLE profile_pic_worker; SELECT adopted FROM profile_pic.adopt(60, 10)"))
        .containsExactly("1");
    assertThat(
            crm.column(
                "SET ROLE profile_pic_worker; SELECT msg_id FROM profile_pic.claim(ARRAY['demo'], ARRAY['-infinity'::timestamptz], ARRAY[5], 5, interval '1 minute', 'demo', 60) WHERE msg_id IS NOT NULL"))
        .containsExactly("1");
  }

  @Test
  void whyTheExtensionCannotBeMadeIsSaidWithARemedy() throws SQLException {
    crm.execute(
        """
        CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'function pgmq.drop_queue is not unique' USING ERRCODE = '42725'; END $$;
        CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('CREATE EXTENSION') EXECUTE FUNCTION public.refuse();
        """);

    assertThatThrownBy(crm::migrate)
        .hasStackTraceContaining(
            "the extension \"pgmq\" could not be created: function pgmq.drop_queue is not unique (42725)")
        .hasStackTraceContaining("enable \"Queues\"")
        .hasStackTraceContaining("sql/pgmq.sql");

    crm.execute("DROP EVENT TRIGGER refuse");
    crm.migrate();
  }

  @Test
  void whatAnOlderPgmqLacksIsNamed() throws SQLException {
    crm.execute(sqlFile());
    crm.execute("DROP FUNCTION pgmq.send_batch(text, jsonb[], jsonb[], integer)");

    assertThatThrownBy(crm::migrate)
        .hasStackTraceContaining(
            "PGMQ (without its extension) lacks what we use of it: pgmq.send_batch(text,jsonb[],jsonb[],integer)")
        .hasStackTraceContaining("1.5.1 or newer");
  }

  /** Imitates PGMQ 1.5.1, which adds its queues to the extension. */
  @Test
  void aPgmqThatMakesQueuesForItsOwnerOnlyIsNamedWithThatOwner() throws SQLException {
    var other = "other_" + UUID.randomUUID().toString().substring(0, 8);
    crm.execute(
        """
        CREATE EXTENSION pgmq;
        ALTER EXTENSION pgmq DROP FUNCTION pgmq.create_non_partitioned(text);
        CREATE OR REPLACE FUNCTION pgmq.create_non_partitioned(queue_name text) RETURNS void LANGUAGE plpgsql
        AS 'BEGIN EXECUTE format($$ALTER EXTENSION pgmq ADD TABLE pgmq.%%I$$, queue_name); END';
        CREATE ROLE %1$s LOGIN CREATEROLE; GRANT USAGE ON SCHEMA pgmq TO %1$s;
        ALTER TABLE public.leads OWNER TO %1$s;
        DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %%I TO %1$s', current_database()); END $$;
        """
            .formatted(other));

    assertThatThrownBy(() ->
            MigrationsAutoConfiguration.configure(
                    Flyway.configure(), Crm.leads("public.leads", "id", true, false))
                .dataSource(
                    crm.database.jdbcUrl().replaceFirst("user=[^&]*", "user=" + other), null, null)
                .load()
                .migrate())
        .hasStackTraceContaining("makes queues only for the owner of its extension")
        .hasStackTraceContaining("TO " + other);
  }

  @Test
  void whatIsLostAfterwardsIsToldAtTheNextStart() throws SQLException {
    crm.migrate();
    crm.execute("ALTER FUNCTION pgmq.archive(text, bigint[]) RENAME TO archive_all");

    assertThat(
            crm.column(
                "SET ROLE profile_pic_worker; SELECT problem FROM profile_pic.check_setup()"))
        .singleElement()
        .asString()
        .contains("lacks the function pgmq.archive(text,bigint[])");
  }

  /** Returns the SQL file that PGMQ publishes. */
  private static String sqlFile() {
    try (var in =
        PgmqWithoutExtensionTest.class.getResourceAsStream(
            "/pgmq/share/postgresql/extension/pgmq--1.11.1.sql")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
