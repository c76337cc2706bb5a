package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.Pictures;
import dev.profilepic.worker.RunningWorker;
import java.awt.Color;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** A worker that is set up for a pooler in transaction mode leaves nothing on a connection. */
class TransactionModeTest {

  @Test
  void itWorksByPollingAndLeavesNothingOnItsConnections() {
    try (var database = TestDatabase.migrated();
        var bridge = new FakeBridge()) {
      var jdbc = new JdbcTemplate(database.dataSource());
      bridge.file("/red.jpg", FakeBridge.bytes(200, "image/jpeg", Pictures.jpeg(Color.RED)));
      bridge.allOtherLookups(bridge.found("/red.jpg", "1"));
      try (var worker =
          RunningWorker.start(
              database,
              bridge,
              "profile-pic.database.connection=transaction",
              "spring.datasource.hikari.maximum-pool-size=2",
              "profile-pic.default-instance=demo")) {
        for (int i = 0; i < 20; i++) {
          jdbc.queryForList(
              """
              WITH lead AS (INSERT INTO public.leads (id, phone) VALUES (gen_random_uuid(), '5562999212484') RETURNING id)
              SELECT pgmq.send('profile_pic_queue', jsonb_build_object('lead_id', lead.id, 'phone', '5562999212484')) FROM lead
              """);
        }

        await()
            .until(() ->
                jdbc.queryForList("SELECT FROM profile_pic.pictures WHERE state = 'STORED'").size()
                    == 20);

        assertThat(
                jdbc.queryForObject(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%listener'",
                    Integer.class))
            .isZero();
        var own = worker.bean(JdbcTemplate.class);
        for (int i = 0; i < 20; i++) {
          assertThat(own.queryForList("SELECT name FROM pg_prepared_statements")).isEmpty();
          assertThat(
                  own.queryForList(
                      // Poolers keep each client's own application name.
                      "SELECT name FROM pg_settings WHERE source = 'session' AND name <> 'application_name'",
                      String.class))
              .isEmpty();
        }
      }
    }
  }
}
