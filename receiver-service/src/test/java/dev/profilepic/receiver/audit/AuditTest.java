package dev.profilepic.receiver.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.receiver.support.ReceiverTest;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.stream.StreamSupport;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

class AuditTest extends ReceiverTest {

  private static final String PHONE = "5562998761234";

  private final String instance = "audited_" + UUID.randomUUID();
  private long start;

  @Autowired private DataSource dataSource;

  @BeforeEach
  void remember() {
    start = newest();
  }

  @Test
  void whatIsDoneIsNotedWithWhoDidItAndWithoutPersonalData() {
    var lead = newLead(PHONE, instance);
    var letter = letter(lead);
    var dropped = letter(lead);

    http.post("/dead-letters/replay", "{\"ids\": [" + letter + "]}");
    http.delete("/dead-letters/" + dropped);
    var sync =
        http.post("/instance/" + instance + "/sync-profile-pics-bulk", "{}")
            .json()
            .path("sync_id")
            .asLong();
    http.post("/syncs/" + sync + "/pause", "");
    http.post("/syncs/" + sync + "/resume", "");
    http.post("/syncs/" + sync + "/cancel", "");
    http.patch("/instances/" + instance, "{\"paused\": true, \"pace_per_minute\": 5}");
    http.delete("/leads/" + lead + "/profile-pic");

    var entries = since();
    assertThat(entries)
        .extracting(entry -> entry.path("deed").asString())
        .containsExactly(
            "lead_erased",
            "instance_changed",
            "sync_cancelled",
            "sync_resumed",
            "sync_paused",
            "sync_started",
            "dead_letter_dropped",
            "dead_letters_replayed");
    assertThat(entries)
        .allSatisfy(entry -> assertThat(entry.path("actor").asString()).isEqualTo("bootstrap"));
    assertThat(entries.get(1).path("detail").toString())
        .contains("\"paused\":true", "\"pace_per_minute\":5");
    assertThat(entries.toString()).doesNotContain(PHONE).doesNotContain(lead);
    assertThat(items("/audit?lead_id=" + lead)).hasSize(1);
    assertThat(items("/audit?lead_id=" + UUID.randomUUID())).isEmpty();
  }

  @Test
  void whatCouldNotBeDoneIsNotNoted() {
    http.delete("/leads/" + UUID.randomUUID() + "/profile-pic");
    http.delete("/dead-letters/" + Long.MAX_VALUE);
    http.post("/dead-letters/replay", "{\"reason\": \"" + PHONE + "\"}");
    http.post("/syncs/" + Long.MAX_VALUE + "/cancel", "");

    assertThat(since()).isEmpty();
  }

  @Test
  void anEntryAndItsDeedAreOneTransaction() {
    var lead = newLead(PHONE, instance);
    jdbc.sql(
            "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$")
        .update();
    jdbc.sql(
            "CREATE TRIGGER refuse BEFORE INSERT ON profile_pic.audit FOR EACH ROW WHEN (new.deed = 'lead_erased') EXECUTE FUNCTION public.refuse()")
        .update();
    try {
      assertThat(http.delete("/leads/" + lead + "/profile-pic").status())
          .isGreaterThanOrEqualTo(500);
    } finally {
      jdbc.sql("DROP FUNCTION public.refuse() CASCADE").update();
    }

    assertThat(http.get("/leads/" + lead + "/profile-pic").json().path("state").asString())
        .isEqualTo("UNKNOWN");
  }

  @Test
  void keysAreNotedWhoeverMakesThemButNotTheirUse() {
    jdbc.sql(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes, instances) VALUES (?, sha256(?::bytea), '{read}', ARRAY['i'])")
        .params(instance, instance)
        .update();
    jdbc.sql("UPDATE profile_pic.api_keys SET last_used_at = now() WHERE name = ?")
        .param(instance)
        .update();
    jdbc.sql("UPDATE profile_pic.api_keys SET revoked_at = now() WHERE name = ?")
        .param(instance)
        .update();

    var mine =
        since().stream()
            .filter(each -> each.path("subject").asString("").equals(instance))
            .toList();
    assertThat(mine)
        .extracting(entry -> entry.path("deed").asString())
        .containsExactly("key_revoked", "key_created");
    assertThat(mine.getFirst().path("actor").asString()).isEqualTo("postgres");
    assertThat(mine.getLast().at("/detail/instances/0").asString()).isEqualTo("i");
  }

  @Test
  void itIsReadPageByPage() {
    for (int i = 1; i <= 3; i++) {
      http.patch("/instances/" + instance, "{\"pace_per_minute\": " + i + "}");
    }

    var first = http.get("/audit?limit=2").json();
    var second = http.get("/audit?limit=2&before=" + first.path("next").asLong()).json();

    assertThat(first.path("items")).hasSize(2);
    assertThat(second.at("/items/0/id").asLong()).isLessThan(first.at("/items/1/id").asLong());
    assertThat(http.get("/audit?limit=0").status()).isEqualTo(400);
    assertThat(http.get("/audit?lead_id=%00").status()).isEqualTo(400);
  }

  @Test
  void theDatabaseItselfShowsNothingToCallersThatAreBound() {
    http.patch("/instances/" + instance, "{\"paused\": true}");

    assertThat(
            jdbc.sql(
                    "SELECT count(*) FROM profile_pic.list_audit(ARRAY[?], NULL, 9223372036854775807, 10)")
                .param(instance)
                .query(Long.class)
                .single())
        .isZero();
  }

  @Test
  void nobodyChangesIt() {
    for (var command :
        List.of(
            "UPDATE profile_pic.audit SET actor = 'x'",
            "TRUNCATE profile_pic.audit",
            "SET ROLE profile_pic_owner; UPDATE profile_pic.audit SET actor = 'x'",
            "SET ROLE profile_pic_receiver; INSERT INTO profile_pic.audit (actor, deed) VALUES ('x', 'x')",
            "SET ROLE profile_pic_receiver; SELECT profile_pic.note_deed('x', 'x', NULL, NULL, NULL)",
            "SET ROLE profile_pic_receiver; DELETE FROM profile_pic.audit",
            "SET ROLE profile_pic_worker; DELETE FROM profile_pic.audit")) {
      assertThatThrownBy(() -> tryOut(command), command)
          .hasStackTraceContaining(command.startsWith("SET") ? "permission denied" : "only added");
    }
  }

  @Test
  void housekeepingKeepsAMonthWhoeverAsks() {
    jdbc.sql(
            """
            INSERT INTO profile_pic.audit (actor, deed, subject, at)
            SELECT 'old', 'x', ?, now() - n * interval '1 day' FROM unnest(ARRAY[29, 400]) AS n
            """)
        .param(instance)
        .update();
    jdbc.sql("SELECT removed FROM profile_pic.forget_audit(interval '0', NULL, 1000000)")
        .query(Long.class)
        .single();

    assertThat(
            jdbc.sql("SELECT count(*) FROM profile_pic.audit WHERE subject = ?")
                .param(instance)
                .query(Long.class)
                .single())
        .isEqualTo(1);
  }

  private void tryOut(String command) throws SQLException {
    try (var connection = dataSource.getConnection();
        var statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      try {
        statement.execute(command);
      } finally {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    }
  }

  private long letter(String lead) {
    return jdbc.sql(
            "SELECT pgmq.send('profile_pic_dlq', jsonb_build_object('lead_id', ?::text, 'phone', ?::text, 'error', jsonb_build_object('reason', 'NO_ANSWER')))")
        .params(lead, PHONE)
        .query(Long.class)
        .single();
  }

  private long newest() {
    return jdbc.sql("SELECT coalesce(max(id), 0) FROM profile_pic.audit")
        .query(Long.class)
        .single();
  }

  /** Returns the entries that were added since the start of the test, newest first. */
  private List<JsonNode> since() {
    return items("/audit?limit=200").stream()
        .filter(entry -> entry.path("id").asLong() > start)
        .toList();
  }

  private List<JsonNode> items(String path) {
    return StreamSupport.stream(http.get(path).json().path("items").spliterator(), false).toList();
  }
}
