package dev.profilepic.worker.syncs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.RunningWorker;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

class SyncFeederTest {

  private final TestDatabase database = TestDatabase.migrated();
  private final JdbcTemplate jdbc = new JdbcTemplate(database.sessions());

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void aBulkSyncEndsWithEveryLeadCountedThoughAWorkerIsReplacedInTheMiddle() {
    jdbc.update(
        "INSERT INTO public.leads (phone, instance_id) SELECT '55629' || (90000000 + n), 'demo' FROM generate_series(1, 300) AS n");
    jdbc.update(
        "INSERT INTO profile_pic.syncs (instance_id, kind, total, batch_size) VALUES ('demo', 'without_photo', 300, 50)");

    try (var bridge = new FakeBridge()) {
      bridge.allOtherLookups(FakeBridge.json(200, "{\"status\":\"not_set\"}"));
      try (var worker = RunningWorker.start(database, bridge)) {
        until("done >= 50");
      }
      assertThat(jdbc.queryForObject(figures("done + in_flight + waiting"), Long.class))
          .isEqualTo(300);
      try (var worker = RunningWorker.start(database, bridge)) {
        until("state = 'DONE'");
      }

      assertThat(jdbc.queryForObject(figures("total"), Long.class)).isEqualTo(300);
      assertThat(jdbc.queryForObject(figures("(outcomes ->> 'NOT_SET')::bigint"), Long.class))
          .isEqualTo(300);
      assertThat(bridge.asked()).isBetween(300, 350);
    }
  }

  @Test
  void aSyncIsNotFedInItsNumbersQuietHours() {
    jdbc.update("INSERT INTO public.leads (phone, instance_id) VALUES ('5562990000001', 'demo')");
    jdbc.update(
        "INSERT INTO profile_pic.syncs (instance_id, kind, total, batch_size) VALUES ('demo', 'without_photo', 1, 50)");
    jdbc.update(
        """
        INSERT INTO profile_pic.instances (instance_id, quiet_from, quiet_to, quiet_zone)
        VALUES ('demo', (localtime - interval '1 hour')::time, (localtime + interval '2 hours')::time, current_setting('TimeZone'))
        """);

    assertThat(feed()).isZero();

    jdbc.update(
        "UPDATE profile_pic.instances SET quiet_from = NULL, quiet_to = NULL, quiet_zone = NULL");
    assertThat(feed()).isEqualTo(1);
  }

  @Test
  void aLeadThatWasErasedAndIsThereAgainStopsNobodysSync() {
    var lead = "00000000-0000-4000-8000-000000000001";
    var insert =
        "INSERT INTO public.leads (id, phone, instance_id) VALUES ('%s', '5562990000001', 'demo')"
            .formatted(lead);
    jdbc.update(insert);
    jdbc.update(
        "INSERT INTO public.leads (phone, instance_id) VALUES ('5562990000002', 'demo'), ('5562990000003', 'other')");
    jdbc.update(
        "INSERT INTO profile_pic.syncs (instance_id, kind, total, batch_size) VALUES ('demo', 'list', 2, 50), ('other', 'without_photo', 1, 50)");
    jdbc.update(
        "INSERT INTO profile_pic.sync_items (sync_id, lead_id, phone) SELECT s.id, l.id::text, l.phone FROM profile_pic.syncs AS s JOIN public.leads AS l ON l.instance_id = 'demo' WHERE s.kind = 'list'");
    jdbc.queryForList("SELECT profile_pic.erase(?)", lead);
    // The previous release left the outcome empty.
    jdbc.update("UPDATE profile_pic.sync_items SET outcome = NULL WHERE lead_id = ?", lead);
    jdbc.update("DELETE FROM public.leads WHERE id = ?::uuid", lead);
    jdbc.update("DELETE FROM profile_pic.pictures WHERE lead_id = ?", lead);
    jdbc.update(insert);

    assertThat(feed()).isEqualTo(3);

    assertThat(
            jdbc.queryForObject(
                "SELECT outcome FROM profile_pic.sync_items WHERE lead_id = ?", String.class, lead))
        .isEqualTo("ERASED");
  }

  private long feed() {
    var fed = jdbc.queryForObject("SELECT profile_pic.feed_syncs(60, interval '5 s')", Long.class);
    return fed == null ? -1 : fed;
  }

  private void until(String condition) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Boolean.TRUE.equals(jdbc.queryForObject(figures(condition), Boolean.class)));
  }

  private static String figures(String expression) {
    return "SELECT " + expression + " FROM profile_pic.sync_progress";
  }
}
