package dev.profilepic.worker.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.SourceCredentials;
import dev.profilepic.contract.SourceCredentials.Purpose;
import dev.profilepic.contract.SourceKind;
import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.Pictures;
import dev.profilepic.worker.RunningWorker;
import dev.profilepic.worker.bridge.Lookup;
import dev.profilepic.worker.sources.FakeGateway.Says;
import java.awt.Color;
import java.util.Base64;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.JdbcTemplate;

/** Sources that the API set, as the workers find them in the table of instances. */
@ExtendWith(OutputCaptureExtension.class)
class SetSourcesTest {

  private static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  private static final PhoneNumber PHONE = new PhoneNumber("5562999212484");
  private static final String JID = "5562999212484@s.whatsapp.net";
  private static final byte[] RED = Pictures.jpeg(Color.RED);

  private static TestDatabase database;
  private static JdbcTemplate jdbc;
  private static FakeBridge bridge;
  private static FakeEvolution evolution;
  private static FakeWaha waha;
  private static RunningWorker worker;

  private final String id = "source-" + UUID.randomUUID();
  private final String lead = UUID.randomUUID().toString();

  @BeforeAll
  static void start() {
    database = TestDatabase.migrated();
    jdbc = new JdbcTemplate(database.sessions());
    bridge = new FakeBridge().file("/red.jpg", FakeBridge.bytes(200, "image/jpeg", RED));
    evolution = new FakeEvolution();
    waha = new FakeWaha();
    worker =
        RunningWorker.start(
            database,
            bridge,
            "profile-pic.sources.key=" + KEY,
            "profile-pic.sources.trusted-origins=" + evolution.url() + "," + waha.url(),
            "profile-pic.sources.instances.fixed.kind=bridge",
            "resilience4j.circuitbreaker.configs.source.minimum-number-of-calls=4",
            "resilience4j.circuitbreaker.configs.source.sliding-window-size=4");
  }

  @AfterAll
  static void stop() {
    worker.close();
    evolution.close();
    waha.close();
    bridge.close();
    database.close();
  }

  @BeforeEach
  void reset() {
    evolution.reset();
    waha.reset();
    bridge.allOtherLookups(FakeBridge.json(200, "{\"status\":\"not_set\"}"));
  }

  @Test
  void aLeadGetsItsPhotoFromTheGatewayThatTheApiSet(CapturedOutput log) {
    set(SourceKind.EVOLUTION, evolution.url(), FakeGateway.KEY, null);
    evolution.account(JID, Says.PHOTO).photo(bridge.url() + "/red.jpg");

    request();

    assertThat(settled()).isEqualTo("STORED");
    assertThat(bytes()).isEqualTo(RED);
    assertThat(evolution.asked()).containsExactly("POST /baileys/profilePictureUrl/Vendas%201");
    assertThat(log).doesNotContain(FakeGateway.KEY);
  }

  @Test
  void aPictureThatCameInBase64IsStored() {
    set(SourceKind.EVOLUTION, evolution.url(), FakeGateway.KEY, null);
    evolution
        .account(JID, Says.PHOTO)
        .photo("data:image/jpeg;base64," + Base64.getEncoder().encodeToString(RED));

    request();

    assertThat(settled()).isEqualTo("STORED");
    assertThat(bytes()).isEqualTo(RED);
  }

  @Test
  void aNullThatCanMeanAnythingIsUnknown() {
    set(SourceKind.WAHA, waha.url(), FakeGateway.KEY, null);
    waha.account(JID, Says.HIDDEN);

    request();

    assertThat(settled()).isEqualTo("UNKNOWN");
  }

  @Test
  void aSourceThatWasTakenBackLeavesTheDefault() throws Exception {
    set(SourceKind.EVOLUTION, evolution.url(), FakeGateway.KEY, null);
    evolution.account(JID, Says.PHOTO);
    assertThat(ask(id)).isInstanceOf(Lookup.Found.class);

    jdbc.update(
        "UPDATE profile_pic.instances SET source_kind = NULL, source_url = NULL, source_name = NULL, source_credential = NULL WHERE instance_id = ?",
        id);
    refresh();

    assertThat(ask(id)).isInstanceOf(Lookup.NotSet.class);
  }

  @Test
  void whatTheConfigurationSaysTheApiDoesNotChange() throws Exception {
    evolution.account(JID, Says.PHOTO);
    insert("fixed", SourceKind.EVOLUTION, evolution.url(), null, null);

    assertThat(ask("fixed")).isInstanceOf(Lookup.NotSet.class);
    assertThat(evolution.asked()).isEmpty();
  }

  @Test
  void aCredentialThatWasCopiedToAnotherRowIsNotSent() throws Exception {
    insert(
        id,
        SourceKind.EVOLUTION,
        evolution.url(),
        new SourceCredentials(KEY)
            .seal(
                FakeGateway.KEY,
                new Purpose("another", SourceKind.EVOLUTION, evolution.url(), "Vendas 1")),
        null);

    assertThat(ask(id))
        .isEqualTo(
            new Lookup.InstanceDown(
                "the source's credential does not open with this worker's profile-pic.sources.key"));
    assertThat(evolution.asked()).isEmpty();
  }

  @Test
  void noOtherVariableOfOurEnvironmentIsSent() throws Exception {
    for (var variable : new String[] {"PATH", "PROFILE_PIC_SOURCE_KEY_NOT_THERE"}) {
      insert(id + variable, SourceKind.EVOLUTION, evolution.url(), null, variable);

      assertThat(ask(id + variable))
          .isEqualTo(
              new Lookup.InstanceDown(
                  "the environment variable with the source's credential is not set"));
    }
    assertThat(evolution.asked()).isEmpty();
  }

  @Test
  void aUrlThatTheApiSetDoesNotLeadIntoOurNetwork() throws Exception {
    var port = evolution.url().replaceFirst(".*:", "");
    set(SourceKind.EVOLUTION, "https://localhost:" + port, FakeGateway.KEY, null);
    assertThat(ask(id))
        .isInstanceOfSatisfying(
            Lookup.InstanceDown.class,
            down -> assertThat(down.why()).contains("must have a public address"));

    insert(id + "-plain", SourceKind.WAHA, "http://localhost:" + port, null, null);
    assertThat(ask(id + "-plain"))
        .isEqualTo(
            new Lookup.InstanceDown(
                "the url of the instance's source must be https, or its origin one of"
                    + " profile-pic.sources.trusted-origins"));
    assertThat(evolution.asked()).isEmpty();
  }

  @Test
  void onlyTheGatewaysOwnFailuresOpenItsCircuit() throws Exception {
    evolution.account(JID, Says.PHOTO);
    for (int i = 0; i < 8; i++) {
      set(id + "-locked-" + i, SourceKind.EVOLUTION, evolution.url(), "wrong");
      assertThat(ask(id + "-locked-" + i)).isInstanceOf(Lookup.InstanceDown.class);
    }
    set(SourceKind.EVOLUTION, evolution.url(), FakeGateway.KEY, null);
    assertThat(ask(id)).isInstanceOf(Lookup.Found.class);

    waha.account(JID, Says.BROKEN);
    for (int i = 0; i < 4; i++) {
      set(id + "-waha-" + i, SourceKind.WAHA, waha.url() + "/broken", FakeGateway.KEY);
      assertThat(ask(id + "-waha-" + i)).isInstanceOf(Lookup.BridgeDown.class);
    }
    waha.reset();
    waha.account(JID, Says.PHOTO);
    assertThat(ask(id + "-waha-0"))
        .isEqualTo(new Lookup.BridgeDown("the gateway's circuit breaker is open"));
    assertThat(waha.asked()).isEmpty();
    set(id + "-waha-elsewhere", SourceKind.WAHA, waha.url(), FakeGateway.KEY);
    assertThat(ask(id + "-waha-elsewhere")).isInstanceOf(Lookup.Found.class);
  }

  @Test
  void anInstanceWhoseCredentialIsRefusedIsPausedForAll() {
    set(id, SourceKind.EVOLUTION, evolution.url(), "wrong");
    for (int i = 0; i < 10; i++) {
      request(UUID.randomUUID().toString(), "55629" + (90_000_000 + i));
    }

    await()
        .untilAsserted(() ->
            assertThat(
                    jdbc.queryForList(
                        "SELECT pause_reason FROM profile_pic.instances WHERE instance_id = ?",
                        String.class,
                        id))
                .containsExactly("INSTANCE_DOWN"));
    assertThat(
            jdbc.queryForObject(
                "SELECT count(*) FROM profile_pic.pictures WHERE instance_id = ? AND attempts > 0",
                Integer.class,
                id))
        .isZero();
  }

  /** Failures of the previous source do not count for the new source. */
  @Test
  void anotherSourceStartsWithAClosedCircuit() throws Exception {
    set(SourceKind.EVOLUTION, evolution.url(), "wrong", null);
    failTenTimes();
    assertThat(ask(id)).extracting("why").asString().contains("circuit breaker is open");
    evolution.account(JID, Says.PHOTO);

    jdbc.update(
        "UPDATE profile_pic.instances SET source_credential = ? WHERE instance_id = ?",
        sealed(id, SourceKind.EVOLUTION, evolution.url(), FakeGateway.KEY),
        id);
    refresh();

    assertThat(ask(id)).isInstanceOf(Lookup.Found.class);
    await()
        .untilAsserted(() ->
            assertThat(
                    jdbc.queryForMap(
                        "SELECT breaker, paused_until > now() AS paused FROM profile_pic.instances WHERE instance_id = ?",
                        id))
                .containsEntry("breaker", "CLOSED")
                .doesNotContainEntry("paused", true));
  }

  @Test
  void aSourceThatWasSetOrTakenBackStartsWithAClosedCircuitToo() throws Exception {
    bridge.allOtherLookups(FakeBridge.json(404, "{\"status\":\"unknown_instance\"}"));
    failTenTimes();
    evolution.account(JID, Says.PHOTO);

    set(SourceKind.EVOLUTION, evolution.url(), FakeGateway.KEY, null);

    assertThat(ask(id)).isInstanceOf(Lookup.Found.class);
  }

  /** Opens the instance's circuit. */
  private void failTenTimes() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertThat(ask(id)).isInstanceOf(Lookup.InstanceDown.class);
    }
  }

  private void set(
      SourceKind kind, String url, @Nullable String credential, @Nullable String variable) {
    insert(id, kind, url, sealed(id, kind, url, credential), variable);
  }

  private static void set(String instance, SourceKind kind, String url, String credential) {
    insert(instance, kind, url, sealed(instance, kind, url, credential), null);
  }

  private static byte @Nullable [] sealed(
      String instance, SourceKind kind, String url, @Nullable String credential) {
    return credential == null
        ? null
        : new SourceCredentials(KEY)
            .seal(credential, new Purpose(instance, kind, url, FakeGateway.INSTANCE));
  }

  private static void insert(
      String instance,
      SourceKind kind,
      String url,
      byte @Nullable [] sealed,
      @Nullable String variable) {
    jdbc.update(
        """
        INSERT INTO profile_pic.instances (instance_id, source_kind, source_url, source_name, source_credential, source_credential_env)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
        instance,
        kind.id(),
        url,
        FakeGateway.INSTANCE,
        sealed,
        variable);
    refresh();
  }

  private static void refresh() {
    worker.bean(PictureSources.class).refresh();
  }

  private static Lookup ask(String instance) throws InterruptedException {
    return worker
        .bean(PictureSources.class)
        .of(instance)
        .find(new Question(instance, PHONE, null), queries -> {});
  }

  private void request() {
    request(lead, PHONE.digits());
  }

  private void request(String leadId, String phone) {
    jdbc.update(
        "INSERT INTO public.leads (id, phone, instance_id) VALUES (?::uuid, ?, ?)",
        leadId,
        phone,
        id);
    jdbc.queryForList(
        "SELECT * FROM profile_pic.enqueue(jsonb_build_array(jsonb_build_object('lead_id', ?::text, 'phone', ?::text)))",
        leadId,
        phone);
  }

  private String settled() {
    await()
        .until(() ->
            !jdbc.queryForList(
                    "SELECT 1 FROM profile_pic.requests WHERE lead_id = ? AND message_id IS NULL",
                    lead)
                .isEmpty());
    return String.valueOf(
        jdbc.queryForObject(
            "SELECT state FROM profile_pic.pictures WHERE lead_id = ?", String.class, lead));
  }

  private byte @Nullable [] bytes() {
    return jdbc.queryForObject(
        "SELECT a.bytes FROM profile_pic.pictures p JOIN profile_pic.avatars a USING (storage_key) WHERE p.lead_id = ?",
        byte[].class,
        lead);
  }
}
