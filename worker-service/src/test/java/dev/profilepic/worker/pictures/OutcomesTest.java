package dev.profilepic.worker.pictures;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.Pictures;
import dev.profilepic.worker.RunningWorker;
import java.awt.Color;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Every outcome through the whole worker: real queue, real HTTP. */
class OutcomesTest {

  private static final byte[] RED = Pictures.jpeg(Color.RED);
  private static final byte[] BLUE = Pictures.jpeg(Color.BLUE);
  private static final AtomicInteger PHONES = new AtomicInteger(90_000_000);

  private static TestDatabase database;
  private static FakeBridge bridge;
  private static RunningWorker worker;
  private static JdbcTemplate jdbc;

  private final String phone = "55629" + PHONES.incrementAndGet();
  private final String lead = UUID.randomUUID().toString();

  @BeforeAll
  static void start() {
    database = TestDatabase.migrated();
    bridge = new FakeBridge();
    bridge.file("/red.jpg", FakeBridge.bytes(200, "image/jpeg", RED));
    bridge.file("/blue.jpg", FakeBridge.bytes(200, "image/jpeg", BLUE));
    jdbc = new JdbcTemplate(database.sessions());
    // A CRM's database may have defaults of its own.
    jdbc.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = serializable', current_database()); END $$");
    worker =
        RunningWorker.start(
            database,
            bridge,
            "profile-pic.pictures.backoff-base=1ms",
            "profile-pic.pictures.backoff-cap=1ms");
  }

  @AfterAll
  static void stop() {
    worker.close();
    bridge.close();
    database.close();
  }

  @Test
  void statementsSeeWhatWasCommittedWhileTheyWaitedWhateverTheDatabaseDoesByDefault() {
    assertThat(
            worker
                .bean(JdbcTemplate.class)
                .queryForObject("SHOW transaction_isolation", String.class))
        .isEqualTo("read committed");
  }

  @Test
  void aFoundPictureIsStoredAndTheLeadGetsASignedLink() {
    bridge.lookup(phone, bridge.found("/red.jpg", "1"));

    ask(null);

    assertThat(settled())
        .containsEntry("state", "STORED")
        .containsEntry("content_type", "image/jpeg")
        .containsEntry("width", 64);
    assertThat(leadUrl())
        .startsWith("http://127.0.0.1:8080/avatars/" + lead + "?v=")
        .contains("&sig=");
    assertThat(bytes()).isEqualTo(RED);
    assertThat(history()).isEqualTo(1);
  }

  @Test
  void whatAPictureTellsIsNotKeptAndTheKeyIsThatOfWhatIs() {
    bridge.file(
        "/told.jpg",
        FakeBridge.bytes(200, "image/jpeg", Pictures.withComment(RED, "taken at home")));
    bridge.lookup(phone, bridge.found("/told.jpg", "1"));

    ask(null);

    var kept = jdbc.queryForObject("SELECT encode(sha256(?), 'hex')", String.class, RED);
    assertThat(settled().get("storage_key")).asString().contains(kept);
    assertThat(settled().get("sha256")).isNotEqualTo(kept);
    assertThat(bytes()).isEqualTo(RED);
  }

  @Test
  void theLinkIsOfTheLeadsPresentGeneration() {
    jdbc.update(
        "INSERT INTO profile_pic.pictures (lead_id, phone, requested_at, link_generation) VALUES (?, ?, '-infinity', 3)",
        lead,
        phone);
    bridge.lookup(phone, bridge.found("/red.jpg", "1"));

    ask(null);

    assertThat(settled()).containsEntry("state", "STORED");
    assertThat(leadUrl()).contains("&k=").contains("&g=3&sig=");
  }

  @Test
  void aUrlThatCameAlongIsUsedWithoutAskingTheBridge() {
    bridge.lookup(phone, FakeBridge.json(500, "{}"));

    ask(bridge.url() + "/blue.jpg?oe=7FFFFFFF");

    assertThat(settled()).containsEntry("state", "STORED").containsEntry("source_id", null);
    assertThat(bytes()).isEqualTo(BLUE);
  }

  @Test
  void aUrlPastItsExpiryIsResolvedAgainInTheSameAttempt() {
    bridge.lookup(phone, bridge.found("/red.jpg", "1"));

    ask(bridge.url() + "/blue.jpg?oe=60000000");

    assertThat(settled()).containsEntry("state", "STORED").containsEntry("attempts", 0);
    assertThat(bytes()).isEqualTo(RED);
  }

  @ParameterizedTest
  @CsvSource({"403", "404", "410"})
  void aLinkThatDiedIsResolvedAgainInTheSameAttempt(int status) {
    bridge.file("/dead-" + status, FakeBridge.bytes(status, "text/plain", new byte[0]));
    bridge.lookup(phone, bridge.found("/red.jpg", "1"));

    ask(bridge.url() + "/dead-" + status);

    assertThat(settled()).containsEntry("state", "STORED").containsEntry("attempts", 0);
  }

  @Test
  void thePictureThatWeHaveIsNotFetchedAgain() {
    var downloads = new AtomicInteger();
    bridge.file(
        "/counted-" + phone,
        exchange -> {
          downloads.incrementAndGet();
          FakeBridge.bytes(200, "image/jpeg", RED).to(exchange);
        });
    bridge.lookup(phone, bridge.found("/counted-" + phone, "7"));
    ask(null);
    settled();

    ask(null);

    assertThat(settled()).containsEntry("state", "STORED").containsEntry("reason", "UNCHANGED");
    assertThat(downloads).hasValue(1);
    assertThat(history()).isEqualTo(1);
  }

  @Test
  void aNewPictureReplacesTheOldOne() {
    bridge.lookup(phone, bridge.found("/red.jpg", "1"));
    ask(null);
    settled();
    bridge.lookup(phone, bridge.found("/blue.jpg", "2"));

    ask(null);

    assertThat(settled()).containsEntry("reason", "STORED").containsEntry("source_id", "2");
    assertThat(bytes()).isEqualTo(BLUE);
    assertThat(history()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"not_set, NOT_SET", "hidden, HIDDEN", "not_on_whatsapp, NOT_ON_WHATSAPP"})
  void whatTheBridgeKnowsForSureIsTheState(String status, String state) {
    bridge.lookup(phone, FakeBridge.json(200, "{\"status\":\"%s\"}".formatted(status)));

    ask(null);

    assertThat(settled()).containsEntry("state", state).containsEntry("reason", state);
    assertThat(leadUrl()).isNull();
  }

  @Test
  void aThrottledLookupComesBackWithoutCountingAndTheInstanceRests() {
    var first = new AtomicInteger();
    bridge.lookup(
        phone,
        exchange ->
            (first.getAndIncrement() == 0 ? FakeBridge.throttled(1) : bridge.found("/red.jpg", "1"))
                .to(exchange));

    ask(null, "throttled-" + phone);

    assertThat(settled()).containsEntry("state", "STORED").containsEntry("attempts", 0);
    assertThat(
            jdbc.queryForObject(
                "SELECT pause_reason FROM profile_pic.instances WHERE instance_id = ?",
                String.class,
                "throttled-" + phone))
        .isEqualTo("THROTTLED");
  }

  @Test
  void silenceIsRetriedAndAfterFiveAttemptsADeadLetter() {
    bridge.lookup(phone, FakeBridge.json(504, "{\"status\":\"no_answer\"}"));

    ask(null, "silent-" + phone);

    assertThat(deadReason()).isEqualTo("NO_ANSWER");
    assertThat(dead("attempts")).isEqualTo("5");
    assertThat(settled()).containsEntry("state", "FAILED").containsEntry("reason", "NO_ANSWER");
  }

  @Test
  void aCdnThatFailsIsRetriedAndRecovers() {
    var first = new AtomicInteger();
    bridge.file(
        "/flaky-" + phone,
        exchange ->
            FakeBridge.bytes(first.getAndIncrement() == 0 ? 500 : 200, "image/jpeg", RED)
                .to(exchange));
    bridge.lookup(phone, bridge.found("/flaky-" + phone, "1"));

    ask(null);

    assertThat(settled()).containsEntry("state", "STORED").containsEntry("attempts", 0);
    assertThat(first).hasValue(2);
  }

  @ParameterizedTest
  @CsvSource({
    "javascript:alert(1)",
    "http://169.254.169.254/latest/meta-data/",
    "https://evil.example/x.jpg",
    "https://[::1]/x.jpg"
  })
  void anUnsafeUrlIsADeadLetterAtOnce(String url) {
    ask(url);

    assertThat(deadReason()).isEqualTo("UNSAFE_URL");
    assertThat(dead("attempts")).isEqualTo("0");
  }

  @Test
  void aRedirectIsNotFollowed() {
    bridge.file(
        "/redirect",
        exchange -> {
          exchange.getResponseHeaders().set("Location", bridge.url() + "/red.jpg");
          exchange.sendResponseHeaders(302, -1);
        });

    ask(bridge.url() + "/redirect");

    assertThat(deadReason()).isEqualTo("UNSAFE_URL");
  }

  @Test
  void whatIsNoPictureIsADeadLetterAtOnce() {
    bridge.file(
        "/html", FakeBridge.bytes(200, "image/jpeg", "<html>".getBytes(StandardCharsets.UTF_8)));
    bridge.lookup(phone, bridge.found("/html", "1"));

    ask(null);

    assertThat(deadReason()).isEqualTo("BAD_IMAGE");
  }

  @ParameterizedTest
  @CsvSource({"letters", "12"})
  void aMessageWithoutARealPhoneIsADeadLetterAtOnce(String phone) {
    insertLead(null);
    send("{\"lead_id\": \"%s\", \"phone\": \"%s\"}".formatted(lead, phone));

    assertThat(deadReason()).isEqualTo("INVALID_MESSAGE");
  }

  @Test
  void aLeadThatIsGoneIsCompletedQuietly() {
    send("{\"lead_id\": \"%s\", \"phone\": \"%s\"}".formatted(lead, phone));

    await()
        .untilAsserted(() ->
            assertThat(count("pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ?")).isZero());
    assertThat(count("pgmq.q_profile_pic_dlq WHERE message ->> 'lead_id' = ?")).isZero();
  }

  @Test
  void anErasedLeadIsNeverFetchedAgain() {
    var lookups = new AtomicInteger();
    bridge.lookup(
        phone,
        exchange -> {
          lookups.incrementAndGet();
          bridge.found("/red.jpg", "1").to(exchange);
        });
    insertLead(null);
    jdbc.update(
        "INSERT INTO profile_pic.pictures (lead_id, phone, state, requested_at, erased_at) VALUES (?, '', 'ERASED', now(), now())",
        lead);

    send("{\"lead_id\": \"%s\", \"phone\": \"%s\"}".formatted(lead, phone));

    await()
        .untilAsserted(() ->
            assertThat(count("pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ?")).isZero());
    assertThat(lookups).hasValue(0);
  }

  @Test
  void anInstanceThatIsDownSpendsNoAttempts() {
    bridge.lookup(phone, FakeBridge.json(503, "{\"status\":\"disconnected\"}"));

    ask(null);

    await().untilAsserted(() -> assertThat(picture()).containsEntry("reason", "INSTANCE_DOWN"));
    assertThat(picture()).containsEntry("attempts", 0).containsEntry("state", "PENDING");
    assertThat(count("pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ? AND vt > now()"))
        .isEqualTo(1);
  }

  @Test
  void aClientErrorFromSomethingInFrontOfTheBridgeSpendsNoAttempts() {
    bridge.lookup(phone, FakeBridge.bytes(400, "text/html", "<html>400</html>".getBytes(UTF_8)));

    ask(null);

    await().untilAsserted(() -> assertThat(picture()).containsEntry("reason", "BRIDGE_DOWN"));
    assertThat(picture()).containsEntry("attempts", 0).containsEntry("state", "PENDING");
  }

  @Test
  void metricsHaveTheNamesThatDashboardsUse() throws Exception {
    bridge.lookup(phone, bridge.found("/red.jpg", "1"));
    ask(null);
    settled();

    var metrics =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + worker.port() + "/actuator/prometheus"))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .body();

    assertThat(metrics)
        .contains(
            "profilepic_outcomes_total{",
            "profilepic_lookup_seconds_count{",
            "profilepic_download_seconds_count",
            "profilepic_end_to_end_seconds_count",
            "profilepic_queue_depth{",
            "profilepic_queue_oldest_ready_seconds",
            "profilepic_in_flight",
            "profilepic_lease_lost_total");
  }

  private void ask(@Nullable String url) {
    ask(url, "demo");
  }

  private void ask(@Nullable String url, String instance) {
    insertLead(instance);
    // A second request counts only when the lead is due for a check.
    jdbc.update("UPDATE profile_pic.pictures SET next_check_at = now() WHERE lead_id = ?", lead);
    jdbc.queryForList(
        """
        SELECT * FROM profile_pic.enqueue(jsonb_build_array(jsonb_build_object(
          'lead_id', ?::text, 'phone', ?::text, 'profile_pic_url', ?::text, 'force_update', false)))
        """,
        lead,
        phone,
        url);
  }

  private void insertLead(@Nullable String instance) {
    jdbc.update(
        "INSERT INTO public.leads (id, phone, instance_id) VALUES (?::uuid, ?, ?) ON CONFLICT DO NOTHING",
        lead,
        phone,
        instance);
  }

  private void send(String json) {
    jdbc.queryForList("SELECT pgmq.send('profile_pic_queue', ?::jsonb)", json);
  }

  private Map<String, Object> picture() {
    return jdbc.queryForMap("SELECT * FROM profile_pic.pictures WHERE lead_id = ?", lead);
  }

  /** The state row once nothing is pending any more. */
  private Map<String, Object> settled() {
    await()
        .until(() -> count("profile_pic.requests WHERE lead_id = ? AND message_id IS NULL") == 1);
    await().until(() -> count("profile_pic.lead_writes WHERE lead_id = ?") == 0);
    return picture();
  }

  private String deadReason() {
    await()
        .untilAsserted(() ->
            assertThat(count("pgmq.q_profile_pic_dlq WHERE message ->> 'lead_id' = ?"))
                .isEqualTo(1));
    return dead("reason");
  }

  private String dead(String field) {
    return one(
        String.class,
        "SELECT message -> 'error' ->> ? FROM pgmq.q_profile_pic_dlq WHERE message ->> 'lead_id' = ?",
        field,
        lead);
  }

  private int count(String from) {
    return one(Integer.class, "SELECT count(*) FROM " + from, lead);
  }

  private int history() {
    return count("profile_pic.picture_history WHERE outcome = 'STORED' AND lead_id = ?");
  }

  private @Nullable String leadUrl() {
    return jdbc.queryForObject(
        "SELECT profile_pic_url FROM public.leads WHERE id = ?::uuid", String.class, lead);
  }

  private byte[] bytes() {
    return one(
        byte[].class,
        "SELECT a.bytes FROM public.leads l JOIN profile_pic.avatars a ON a.storage_key = l.profile_pic_storage_path WHERE l.id = ?::uuid",
        lead);
  }

  private static <T> T one(Class<T> type, String sql, Object... arguments) {
    return Objects.requireNonNull(jdbc.queryForObject(sql, type, arguments));
  }
}
