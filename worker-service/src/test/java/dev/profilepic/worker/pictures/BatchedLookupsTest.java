package dev.profilepic.worker.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.Pictures;
import dev.profilepic.worker.RunningWorker;
import java.awt.Color;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/** The results of a batch and their effects: real queue, real HTTP. */
class BatchedLookupsTest {

  private static final byte[] RED = Pictures.jpeg(Color.RED);
  private static final AtomicInteger PHONES = new AtomicInteger(91_000_000);

  private static TestDatabase database;
  private static JdbcTemplate jdbc;

  private static FakeBridge bridge;
  private static RunningWorker worker;

  private final String phone = "55629" + PHONES.incrementAndGet();
  private final String instance = "demo_" + phone;
  private int askedBefore;
  private int batchesBefore;
  private final String lead = UUID.randomUUID().toString();

  @BeforeAll
  static void start() {
    database = TestDatabase.migrated();
    jdbc = new JdbcTemplate(database.sessions());
    bridge = new FakeBridge();
    bridge.file("/red.jpg", FakeBridge.bytes(200, "image/jpeg", RED));
    worker =
        RunningWorker.start(
            database,
            bridge,
            "spring.datasource.hikari.connection-init-sql=SET ROLE profile_pic_worker",
            "profile-pic.refresh.enabled=true");
  }

  @AfterAll
  static void stop() {
    worker.close();
    bridge.close();
    database.close();
  }

  @BeforeEach
  void remember() {
    bridge.allBatches(FakeBridge.NO_ROUTE);
    askedBefore = bridge.asked();
    batchesBefore = bridge.batches().size();
  }

  /** So that the next test finds an empty queue. */
  @AfterEach
  void forget() {
    jdbc.update("UPDATE profile_pic.pictures SET next_check_at = NULL");
    jdbc.update("DELETE FROM pgmq.q_profile_pic_queue");
    for (var table : List.of("deliveries", "waiting", "refreshes", "requests", "instances")) {
      jdbc.update("DELETE FROM profile_pic." + table);
    }
  }

  @ParameterizedTest(name = "of a photo that we have: {0} -> {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "exists":"yes","picture":"unchanged","picture_id":"7" | STORED | UNCHANGED       | 0 | 7 days
          "exists":"yes","picture":"id","picture_id":"7"        | STORED | UNCHANGED       | 0 | 7 days
          "exists":"yes","picture":"id","picture_id":"8"        | STORED | STORED          | 1 | 7 days
          "exists":"yes","picture":"none"                       | STORED | STORED          | 1 | 7 days
          "exists":"yes","picture":"refused"                    | STORED | KEPT            | 0 | 3 days
          "exists":"unknown","picture":"unknown"                | STORED | KEPT            | 0 | 3 days
          "exists":"no","picture":"unknown"                     | NOT_ON_WHATSAPP | NOT_ON_WHATSAPP | 0 | 30 days
          """)
  void whatFollowsWhereWeHaveAPhoto(
      String entry, String state, String reason, int lookups, String nextCheck) {
    bridge.ids(contact -> entry);
    bridge.lookup(phone, bridge.found("/red.jpg", "8"));

    lead("STORED", "7");

    await().until(() -> isAfter("next_check_at", nextCheck));
    assertThat(picture())
        .containsEntry("state", state)
        .containsEntry("reason", reason)
        .containsEntry("storage_key", lookups == 0 ? "avatars/aa" : picture().get("storage_key"));
    assertThat(picture().get("storage_key")).isNotNull();
    assertThat(asked()).isEqualTo(lookups);
    assertThat(batches()).hasSize(1);
    assertThat(batches().getFirst().getFirst().path("known_id").asString()).isEqualTo("7");
  }

  @ParameterizedTest(name = "of a lead without a photo: {0} -> {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "exists":"yes","picture":"id","picture_id":"8" | STORED          | 1 | 7 days
          "exists":"yes","picture":"none"                | NOT_SET         | 0 | 14 days
          "exists":"yes","picture":"refused"             | HIDDEN          | 0 | 3 days
          "exists":"unknown","picture":"unknown"         | UNKNOWN         | 0 | 3 days
          "exists":"no","picture":"unknown"              | NOT_ON_WHATSAPP | 0 | 30 days
          """)
  void whatFollowsWhereWeHaveNone(String entry, String state, int lookups, String nextCheck) {
    bridge.ids(contact -> entry);
    bridge.lookup(phone, bridge.found("/red.jpg", "8"));

    lead("NOT_SET", null);

    await().until(() -> isAfter("next_check_at", nextCheck));
    assertThat(picture()).containsEntry("state", state).containsEntry("reason", state);
    assertThat(asked()).isEqualTo(lookups);
  }

  @Test
  void aPhotoIsRemovedOnlyWhenALookupSaysSoToo() {
    bridge.ids(contact -> "\"exists\":\"yes\",\"picture\":\"none\"");
    bridge.lookup(phone, FakeBridge.json(200, "{\"status\":\"not_set\"}"));

    lead("STORED", "7");

    await().until(() -> isAfter("next_check_at", "14 days"));
    assertThat(picture()).containsEntry("state", "NOT_SET").containsEntry("storage_key", null);
    assertThat(asked()).isEqualTo(1);
  }

  @Test
  void aBulkSyncLooksUpOnlyWhoIsThereAndShowsAPhoto() {
    jdbc.update(
        "INSERT INTO public.leads (phone, instance_id) SELECT '55629' || (80000000 + n), ? FROM generate_series(0, 199) AS n",
        instance);
    bridge.ids(BatchedLookupsTest::byLastDigit);
    bridge.allOtherLookups(bridge.found("/red.jpg", "8"));

    jdbc.update(
        "INSERT INTO profile_pic.syncs (instance_id, kind, total, batch_size) VALUES (?, 'without_photo', 200, 500)",
        instance);

    await().until(() -> count("profile_pic.sync_progress WHERE state = 'DONE'") == 1);
    assertThat(outcomes())
        .isEqualTo(Map.of("STORED", 80, "NOT_SET", 40, "HIDDEN", 40, "NOT_ON_WHATSAPP", 40));
    assertThat(asked()).isEqualTo(80);
    assertThat(batches()).hasSize(2);
    assertThat(count("profile_pic.deliveries")).isZero();
  }

  @Test
  void aBridgeWithoutBatchesIsAskedForEachLead() {
    bridge.allOtherLookups(FakeBridge.json(200, "{\"status\":\"not_set\"}"));

    lead("NOT_SET", null);

    await().until(() -> isAfter("next_check_at", "14 days"));
    assertThat(asked()).isEqualTo(1);
    assertThat(picture()).containsEntry("attempts", 0);
  }

  @ParameterizedTest
  @CsvSource({"504,no_answer", "400,bad_request"})
  void aBatchThatIsNotAnsweredLetsEachBeLookedUp(int status, String said) {
    bridge.allBatches(FakeBridge.json(status, "{\"status\":\"" + said + "\"}"));

    lead("NOT_SET", null);

    await().until(() -> isAfter("next_check_at", "14 days"));
    assertThat(asked()).isEqualTo(1);
    assertThat(picture()).containsEntry("attempts", 0);
  }

  @Test
  void aBatchThatComesTooSoonWaitsAndPausesNobody() {
    bridge.allBatches(throttled("bridge", "spacing"));

    lead("NOT_SET", null);

    await().until(() -> count("profile_pic.deliveries WHERE returned > 1") == 1);
    assertThat(count("profile_pic.instances WHERE paused_until > now()")).isZero();
    assertThat(
            count(
                "pgmq.q_profile_pic_queue WHERE vt BETWEEN now() + interval '170 s' AND now() + interval '180 s'"))
        .isEqualTo(1);
    assertThat(asked()).isZero();
  }

  @Test
  void aBatchThatWhatsAppThrottlesPausesTheWholeNumber() {
    bridge.allBatches(throttled("whatsapp", "whatsapp"));

    lead("NOT_SET", null);

    await().until(() -> count("profile_pic.instances WHERE pause_reason = 'THROTTLED'") == 1);
    await().until(() -> count("profile_pic.deliveries WHERE batch_of IS NOT NULL") == 1);
    assertThat(picture()).containsEntry("attempts", 0).containsEntry("state", "NOT_SET");
    assertThat(asked()).isZero();
  }

  @Test
  void aMessageWhoseResultCannotBeMadeSpoilsItForNobody() {
    bridge.ids(contact -> "\"exists\":\"yes\",\"picture\":\"unchanged\",\"picture_id\":\"7\"");
    bridge.lookup(phone, FakeBridge.json(200, "{\"status\":\"unchanged\",\"picture_id\":\"7\"}"));
    // Fed together, once both are there.
    jdbc.update(
        "INSERT INTO profile_pic.instances (instance_id, paused_until) VALUES (?, now() + interval '1 hour')",
        instance);
    jdbc.update(
        "INSERT INTO public.leads (id, phone, instance_id) VALUES ('00000000-0000-4000-8000-000000000001', '5562990000001', ?)",
        instance);
    // Nobody can make a link of such a digest.
    jdbc.update(
        "INSERT INTO profile_pic.pictures (lead_id, phone, instance_id, state, source_id, sha256, storage_key, requested_at, next_check_at) VALUES ('00000000-0000-4000-8000-000000000001', '5562990000001', ?, 'STORED', '7', 'a', 'avatars/a', now(), now() - interval '1 minute')",
        instance);

    lead("STORED", "7");
    jdbc.update("UPDATE profile_pic.instances SET paused_until = '-infinity'");

    await().until(() -> isAfter("next_check_at", "7 days"));
  }

  @Test
  void aPictureThatComesInsideOfTheAnswerIsStored() {
    bridge.ids(contact -> "\"exists\":\"yes\",\"picture\":\"id\",\"picture_id\":\"8\"");
    bridge.lookup(
        phone,
        FakeBridge.json(
            200,
            "{\"status\":\"found\",\"url\":null,\"image\":{\"content_type\":\"image/jpeg\",\"base64\":\"%s\"},\"picture_id\":\"8\",\"jid\":\"1@s.whatsapp.net\"}"
                .formatted(Base64.getEncoder().encodeToString(RED))));

    lead("NOT_SET", null);

    await().until(() -> isAfter("next_check_at", "7 days"));
    assertThat(picture()).containsEntry("state", "STORED").containsEntry("source_id", "8");
  }

  private static String byLastDigit(JsonNode contact) {
    var phone = contact.path("phone").asString();
    return switch (phone.charAt(phone.length() - 1)) {
      case '0', '1', '2', '3' -> "\"exists\":\"yes\",\"picture\":\"id\",\"picture_id\":\"8\"";
      case '4', '5' -> "\"exists\":\"yes\",\"picture\":\"none\"";
      case '6', '7' -> "\"exists\":\"yes\",\"picture\":\"refused\"";
      default -> "\"exists\":\"no\",\"picture\":\"unknown\"";
    };
  }

  private static FakeBridge.Answer throttled(String by, String reason) {
    return exchange -> {
      exchange.getResponseHeaders().set("Retry-After", "60");
      FakeBridge.json(
              429,
              "{\"status\":\"throttled\",\"by\":\"%s\",\"reason\":\"%s\",\"queries\":0}"
                  .formatted(by, reason))
          .to(exchange);
    };
  }

  /** A lead that is due for a look. */
  private void lead(String state, @Nullable String pictureId) {
    jdbc.update(
        "INSERT INTO public.leads (id, phone, instance_id) VALUES (?::uuid, ?, ?)",
        lead,
        phone,
        instance);
    jdbc.update(
        """
        INSERT INTO profile_pic.pictures (lead_id, phone, instance_id, state, reason, source_id, sha256, storage_key, requested_at, checked_at, next_check_at)
        VALUES (?, ?, ?, ?, ?, ?, CASE WHEN ?::text IS NOT NULL THEN repeat('a', 64) END, CASE WHEN ?::text IS NOT NULL THEN 'avatars/aa' END,
                now() - interval '15 days', now() - interval '14 days', now() - interval '1 minute')
        """,
        lead,
        phone,
        instance,
        state,
        state,
        pictureId,
        pictureId,
        pictureId);
  }

  private Map<String, Object> picture() {
    return jdbc.queryForMap("SELECT * FROM profile_pic.pictures WHERE lead_id = ?", lead);
  }

  private boolean isAfter(String column, String interval) {
    return count(
            "profile_pic.pictures WHERE lead_id = '%s' AND %s BETWEEN now() + interval '%s' - interval '5 minutes' AND now() + interval '%s'"
                .formatted(lead, column, interval, interval))
        == 1;
  }

  private Map<String, Integer> outcomes() {
    var counts = new TreeMap<String, Integer>();
    List<String> all =
        jdbc.queryForList("SELECT outcome FROM profile_pic.sync_items", String.class);
    all.forEach(outcome -> counts.merge(outcome, 1, Integer::sum));
    return counts;
  }

  private int asked() {
    return bridge.asked() - askedBefore;
  }

  private List<List<JsonNode>> batches() {
    return bridge.batches().subList(batchesBefore, bridge.batches().size());
  }

  private int count(String from) {
    var rows = jdbc.queryForObject("SELECT count(*) FROM " + from, Integer.class);
    return rows == null ? -1 : rows;
  }
}
