package dev.profilepic.worker.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.Pictures;
import dev.profilepic.worker.RunningWorker;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Messages from {@code examples/edge-function} reach their lead. They pass through {@code
 * pgmq_public.send}, as Supabase makes it when queues are exposed. The queue's tables have row
 * level security, as Supabase's dashboard asks for.
 */
class EdgeFunctionMessagesTest {

  private static final String LEAD = "7b1c9a52-6b5e-4c40-9d7e-5f3f1f1b2a10";
  private static final Path MESSAGE = Path.of("../examples/edge-function/test/message.json");

  /** The state of the database after the dashboard's "Expose Queues via PostgREST". */
  private static final String EXPOSED =
      """
      DO $$
      DECLARE r text;
      BEGIN
        FOREACH r IN ARRAY ARRAY['anon', 'authenticated', 'service_role'] LOOP
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', r);
          END IF;
        END LOOP;
        ALTER ROLE service_role BYPASSRLS;
      END $$;
      CREATE SCHEMA pgmq_public;
      CREATE FUNCTION pgmq_public.send(queue_name text, message jsonb, sleep_seconds integer DEFAULT 0) RETURNS SETOF bigint
      LANGUAGE plpgsql SET search_path = '' AS $$
      BEGIN RETURN QUERY SELECT * FROM pgmq.send(queue_name := queue_name, msg := message, delay := sleep_seconds); END $$;
      GRANT USAGE ON SCHEMA pgmq_public, pgmq TO anon, authenticated, service_role;
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgmq_public, pgmq TO anon, authenticated, service_role;
      GRANT ALL ON ALL TABLES IN SCHEMA pgmq TO anon, authenticated, service_role;
      GRANT ALL ON ALL SEQUENCES IN SCHEMA pgmq TO anon, authenticated, service_role;
      ALTER TABLE pgmq.q_profile_pic_queue ENABLE ROW LEVEL SECURITY;
      ALTER TABLE pgmq.q_profile_pic_dlq ENABLE ROW LEVEL SECURITY;
      """;

  private static TestDatabase database;
  private static FakeBridge bridge;
  private static RunningWorker worker;
  private static JdbcTemplate jdbc;

  @BeforeAll
  static void start() {
    database = TestDatabase.migrated();
    jdbc = new JdbcTemplate(database.sessions());
    jdbc.execute(EXPOSED);
    bridge = new FakeBridge();
    bridge.file("/red.jpg", FakeBridge.bytes(200, "image/jpeg", Pictures.jpeg(Color.RED)));
    bridge.allOtherLookups(bridge.found("/red.jpg", "1"));
    worker =
        RunningWorker.start(
            database,
            bridge,
            "spring.datasource.hikari.connection-init-sql=SET ROLE profile_pic_worker");
  }

  @AfterAll
  static void stop() {
    worker.close();
    bridge.close();
    database.close();
  }

  @Test
  void theServiceKeysMessageReachesItsLead() throws SQLException, IOException {
    jdbc.update(
        "INSERT INTO public.leads (id, phone) VALUES (?::uuid, '+55 (62) 9921-2484')", LEAD);

    send("service_role");

    await()
        .until(() ->
            !jdbc.queryForList(
                    "SELECT profile_pic_url FROM public.leads WHERE profile_pic_url IS NOT NULL")
                .isEmpty());
    assertThat(
            jdbc.queryForMap(
                "SELECT state, instance_id FROM profile_pic.pictures WHERE lead_id = ?", LEAD))
        .containsEntry("state", "STORED")
        .containsEntry("instance_id", "usuario_1750643724731");
  }

  @Test
  void aKeyThatBrowsersHaveCannotSend() {
    assertThatThrownBy(() -> send("anon")).hasMessageContaining("row-level security");
  }

  private static void send(String role) throws SQLException, IOException {
    var message = Files.readString(MESSAGE);
    try (var connection = database.dataSource().getConnection()) {
      var caller = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
      caller.execute("SET ROLE " + role);
      caller.queryForList(
          "SELECT pgmq_public.send(queue_name => 'profile_pic_queue', message => ?::jsonb, sleep_seconds => 0)",
          message);
    } catch (DataAccessException refused) {
      throw new SQLException(refused.getMostSpecificCause());
    }
  }
}
