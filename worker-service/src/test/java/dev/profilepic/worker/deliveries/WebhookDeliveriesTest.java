package dev.profilepic.worker.deliveries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.contract.EndpointKind;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.Pictures;
import java.awt.Color;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Events as a webhook endpoint hears of them, over real HTTP. */
@ExtendWith(OutputCaptureExtension.class)
class WebhookDeliveriesTest {

  private static final String ALL =
      "picture.stored,picture.changed,picture.removed,lead.failed,instance.state,system.alert";
  private static final String PHONE = "5562999212484";

  private static FakeListener listener;
  private static FakeListener other;
  private static FakeListener stranger;
  private static Told told;

  private final String instance = "i_" + UUID.randomUUID();

  @BeforeAll
  static void start() {
    listener = new FakeListener();
    other = new FakeListener();
    stranger = new FakeListener();
    told = new Told(listener.url(), other.url());
    told.bridge
        .file("/red.jpg", FakeBridge.bytes(200, "image/jpeg", Pictures.jpeg(Color.RED)))
        .file("/blue.jpg", FakeBridge.bytes(200, "image/jpeg", Pictures.jpeg(Color.BLUE)))
        .file("/broken.jpg", FakeBridge.bytes(200, "image/jpeg", new byte[] {1, 2, 3}));
  }

  @AfterAll
  static void stop() {
    told.close();
    listener.close();
    other.close();
    stranger.close();
  }

  @BeforeEach
  void showRed() {
    told.reset();
    told.bridge.lookup(PHONE, told.bridge.found("/red.jpg", "red"));
  }

  @AfterEach
  void nobodyElseIsTold() {
    assertThat(stranger.heard()).isEmpty();
  }

  @Test
  void aFirstPhotoIsToldWithASignatureThatTheSecretProves() throws Exception {
    var path = listen(listener, ALL, instance);
    var lead = told.lead(PHONE, instance);

    assertThat(told.ask(lead)).isEqualTo("STORED");

    var heard = onlyAt(listener, path);
    var json = heard.json();
    assertThat(json.path("type").asString()).isEqualTo("picture.stored");
    assertThat(json.at("/data/lead_id").asString()).isEqualTo(lead);
    assertThat(json.at("/data/instance_id").asString()).isEqualTo(instance);
    assertThat(json.at("/data/state").asString()).isEqualTo("STORED");
    assertThat(json.at("/data/url").asString())
        .isEqualTo(
            told.one(
                String.class, "SELECT lead_url FROM profile_pic.pictures WHERE lead_id = ?", lead));
    assertThat(json.at("/data/sha256").asString()).hasSize(64);
    assertThat(heard.body()).doesNotContain(PHONE).doesNotContain(PHONE.substring(4));
    assertThat(heard.signature()).isEqualTo(signature(heard, Told.SECRET));
  }

  @Test
  void anotherPhotoIsAChangeAndTheSameOneIsNoNews() {
    var path = listen(listener, ALL, instance);
    var lead = told.lead(PHONE, instance);
    told.ask(lead);

    told.ask(lead);
    told.bridge.lookup(PHONE, told.bridge.found("/blue.jpg", "blue"));
    told.ask(lead);

    assertThat(typesAt(listener, path, 2))
        .containsExactlyInAnyOrder("picture.stored", "picture.changed");
  }

  @Test
  void aPhotoThatItsOwnerRemovedIsTold() {
    var path = listen(listener, "picture.removed", instance);
    var lead = told.lead(PHONE, instance);
    told.ask(lead);
    told.bridge.lookup(PHONE, FakeBridge.json(200, "{\"status\":\"not_set\"}"));

    told.ask(lead);

    var heard = onlyAt(listener, path);
    assertThat(heard.type()).isEqualTo("picture.removed");
    assertThat(heard.json().at("/data/reason").asString()).isEqualTo("NOT_SET");
  }

  @Test
  void aPhotoThatLeavesWithItsPhoneIsTold() {
    var path = listen(listener, "picture.removed", instance);
    var lead = told.lead(PHONE, instance);
    told.ask(lead);

    told.jdbc.update("UPDATE public.leads SET phone = '5511988887777' WHERE id = ?::uuid", lead);

    assertThat(onlyAt(listener, path).json().at("/data/reason").asString())
        .isEqualTo("PHONE_CHANGED");
  }

  @Test
  void ofAPersonWhoIsForgottenOnlyThatIsTold() {
    var url = listener.url() + "/" + UUID.randomUUID();
    var lead = told.lead(PHONE, instance);
    told.webhook(url, ALL, "somebody-else");
    told.ask(lead);
    long endpoint = told.webhook(url, ALL, instance);

    told.one(Boolean.class, "SELECT profile_pic.erase(?)", lead);
    told.jdbc.queryForList(
        "SELECT profile_pic.replay_events(?, now() - interval '1 hour', now(), NULL, 'test')",
        endpoint);

    var heard = onlyAt(listener, url.substring(listener.url().length()));
    assertThat(heard.type()).isEqualTo("picture.removed");
    assertThat(heard.json().at("/data/reason").asString()).isEqualTo("ERASED");
    assertThat(heard.body()).doesNotContain("/avatars/");
  }

  @Test
  void aLeadThatIsGivenUpIsToldWithTheReason() {
    var path = listen(listener, "lead.failed", instance);
    told.bridge.lookup(PHONE, told.bridge.found("/broken.jpg", "broken"));

    assertThat(told.stateOfNew(told.lead(PHONE, instance))).isEqualTo("FAILED");

    var heard = onlyAt(listener, path);
    assertThat(heard.json().at("/data/reason").asString()).isEqualTo("BAD_IMAGE");
    assertThat(heard.json().at("/data/state").asString()).isEqualTo("FAILED");
  }

  @Test
  void anInstanceThatGoesDownAndComesBackIsTold() {
    var path = listen(listener, "instance.state", instance);
    breaker("OPEN");
    breaker("OPEN");
    breaker("HALF_OPEN");
    breaker("CLOSED");

    var heard = atLeast(listener, path, 2);

    assertThat(heard).hasSize(2);
    assertThat(heard.stream().map(each -> each.json().at("/data/state").asString()))
        .containsExactlyInAnyOrder("down", "open");
  }

  @Test
  void endpointsHearOfWhatTheyWantAndOfTheirInstancesOnly() {
    var wanted = listen(listener, "picture.stored", instance);
    var otherEvent = listen(listener, "lead.failed", instance);
    var otherInstance = listen(listener, ALL, "another");
    var everything = listen(listener, "picture.stored", null);

    told.ask(told.lead(PHONE, instance));
    told.untilTold();

    assertThat(listener.heard(wanted)).hasSize(1);
    assertThat(listener.heard(everything)).hasSize(1);
    assertThat(listener.heard(otherEvent)).isEmpty();
    assertThat(listener.heard(otherInstance)).isEmpty();
    assertThat(listener.heard(wanted).getFirst().id())
        .as("an event has one id, whoever hears of it")
        .isEqualTo(listener.heard(everything).getFirst().id());
  }

  @Test
  void nothingIsNotedWhileThereIsNobodyToTell() {
    told.ask(told.lead(PHONE, instance));

    assertThat(told.one(Integer.class, "SELECT count(*) FROM profile_pic.webhook_events")).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 404, 302})
  void whatIsNotTakenIsToldAgainWithTheSameIdAndANewSignature(int status) throws Exception {
    var path = listen(listener, ALL, instance);
    listener.next(exchange -> {
      exchange.getResponseHeaders().set("Location", stranger.url());
      exchange.sendResponseHeaders(status, -1);
    });

    told.ask(told.lead(PHONE, instance));
    told.untilTold();
    var refused = onlyAt(listener, path);
    assertThat(told.one(Integer.class, "SELECT status FROM profile_pic.webhook_deliveries"))
        .isEqualTo(status);
    told.makeDue();

    var heard = atLeast(listener, path, 2);
    assertThat(heard.get(1).id()).isEqualTo(refused.id());
    assertThat(heard.get(1).signature()).isEqualTo(signature(heard.get(1), Told.SECRET));
    told.until("(SELECT state FROM profile_pic.webhook_deliveries) = 'delivered'");
    assertThat(
            told.one(
                Boolean.class, "SELECT failing_since IS NULL FROM profile_pic.webhook_endpoints"))
        .isTrue();
  }

  @Test
  void anEndpointThatAsksForTimeGetsIt() {
    listen(listener, ALL, instance);
    listener.next(exchange -> {
      exchange.getResponseHeaders().set("Retry-After", "3600");
      exchange.sendResponseHeaders(429, -1);
    });

    told.ask(told.lead(PHONE, instance));
    told.untilTold();

    assertThat(
            told.one(
                Boolean.class,
                "SELECT next_at > now() + interval '59 minutes' FROM profile_pic.webhook_deliveries"))
        .isTrue();
  }

  @Test
  void attemptsAreFartherAndFartherApartAndEndAfterThreeDays() {
    long endpoint = told.webhook(stranger.url(), ALL, instance);
    told.jdbc.execute("UPDATE profile_pic.webhook_endpoints SET enabled = false");
    told.jdbc.update(
        """
        WITH event AS (INSERT INTO profile_pic.webhook_events (type, data, spread) VALUES ('lead.failed', '{}', true) RETURNING id)
        INSERT INTO profile_pic.webhook_deliveries (endpoint_id, event_id) SELECT ?, id FROM event
        """,
        endpoint);
    var waits = new double[10];
    for (int i = 0; i < waits.length; i++) {
      told.jdbc.update("UPDATE profile_pic.webhook_deliveries SET attempts = ?", i + 1);
      fail(false);
      waits[i] =
          told.one(
              Double.class,
              "SELECT extract(epoch FROM next_at - now())::float8 FROM profile_pic.webhook_deliveries");
    }

    assertThat(waits[0]).isBetween(3.0, 6.5);
    assertThat(waits).isSortedAccordingTo((a, b) -> a < b / 1.5 ? -1 : 0);
    assertThat(waits[9]).isBetween(6 * 3600.0, 10 * 3600.0);
    told.jdbc.update(
        "UPDATE profile_pic.webhook_deliveries SET since = now() - interval '73 hours'");
    fail(false);
    assertThat(told.one(String.class, "SELECT state FROM profile_pic.webhook_deliveries"))
        .isEqualTo("failed");
  }

  @Test
  void anEndpointThatIsGoneIsToldNothingMore() {
    var path = listen(listener, ALL, instance);
    var watch = listen(other, "system.alert", null);
    listener.next(FakeBridge.json(410, "{}"));

    told.ask(told.lead(PHONE, instance));

    told.until(
        "(SELECT NOT enabled AND disabled_why = 'it answered 410' FROM profile_pic.webhook_endpoints WHERE url = '%s')"
            .formatted(listener.url() + path));
    told.ask(told.lead("5511988887777", instance));
    var alert = onlyAt(other, watch);
    assertThat(alert.json().at("/data/alert").asString()).isEqualTo("WebhookEndpointDisabled");
    assertThat(listener.heard(path)).hasSize(1);
    assertThat(
            told.one(
                Integer.class,
                "SELECT count(*) FROM profile_pic.audit WHERE deed = 'endpoint_disabled'"))
        .isPositive();
  }

  @Test
  void anEndpointThatFailedForThreeDaysIsDisabled() {
    listen(listener, ALL, instance);
    told.jdbc.execute(
        "UPDATE profile_pic.webhook_endpoints SET failing_since = now() - interval '73 hours'");
    listener.next(FakeBridge.json(503, "{}"));

    told.ask(told.lead(PHONE, instance));

    told.until(
        "(SELECT NOT enabled AND disabled_why = 'nothing could be delivered for three days' FROM profile_pic.webhook_endpoints)");
  }

  @Test
  void theSecretBeforeSignsBesidesForADay() throws Exception {
    var path = listen(listener, ALL, instance);
    var before = Told.otherSecret();
    told.jdbc.update(
        "UPDATE profile_pic.webhook_endpoints SET former_secret = ?, former_until = now() + interval '1 hour'",
        (Object) Told.sealed(EndpointKind.WEBHOOK, listener.url() + path, before));

    told.ask(told.lead(PHONE, instance));

    var heard = onlyAt(listener, path);
    assertThat(heard.signature())
        .isEqualTo(signature(heard, Told.SECRET) + " " + signature(heard, before));
  }

  @Test
  void aSecretThatCannotBeOpenedIsNoReasonToSendUnsigned(CapturedOutput log) {
    var path = listen(listener, ALL, instance);
    told.jdbc.execute("UPDATE profile_pic.webhook_endpoints SET secret = sha256(secret)");

    told.ask(told.lead(PHONE, instance));
    told.untilTold();

    assertThat(listener.heard(path)).isEmpty();
    assertThat(told.one(String.class, "SELECT detail FROM profile_pic.webhook_deliveries"))
        .contains("PROFILE_PIC_SOURCES_KEY");
    assertThat(log).doesNotContain(Told.SECRET);
  }

  @Test
  void anAddressInsideIsNotConnectedTo() {
    told.webhook(stranger.url(), ALL, instance);

    told.ask(told.lead(PHONE, instance));
    told.untilTold();

    assertThat(told.one(String.class, "SELECT detail FROM profile_pic.webhook_deliveries"))
        .startsWith("it could not be reached: its address is not public");
  }

  /** Earlier releases accepted such urls, and anybody who may write to the table can. */
  @ParameterizedTest
  @ValueSource(strings = {"https://crm.example:99999/", "https://", "x y"})
  void aUrlThatCannotBeCalledIsAFailureLikeAnyOther(String url) {
    told.webhook(url, ALL, instance);

    told.ask(told.lead(PHONE, instance));
    told.untilTold();

    assertThat(
            told.one(
                Boolean.class,
                "SELECT attempts = 1 AND detail <> '' AND next_at > now() FROM profile_pic.webhook_deliveries"))
        .isTrue();
  }

  @Test
  void anEndpointThatHangsKeepsNoOtherWaiting() {
    var hang = new CountDownLatch(1);
    for (int i = 0; i < 20; i++) {
      other.next(exchange -> {
        try {
          hang.await();
        } catch (InterruptedException stopped) {
          Thread.currentThread().interrupt();
        }
      });
    }
    listen(other, ALL, instance);
    var path = listen(listener, ALL, instance);

    try {
      for (int i = 0; i < 20; i++) {
        told.ask(told.lead(PHONE, instance));
      }
      assertThat(atLeast(listener, path, 20)).hasSize(20);
    } finally {
      hang.countDown();
    }
  }

  @Test
  void whatIsWrongIsToldWhenItLastsAndWhenItIsOver() {
    var path = listen(listener, "system.alert", null);
    told.jdbc.update(
        """
        INSERT INTO profile_pic.instances (instance_id, paused_until) VALUES (?, now() + interval '1 hour')
        ON CONFLICT (instance_id) DO UPDATE SET paused_until = excluded.paused_until
        """,
        instance);
    watch();
    assertThat(told.one(Integer.class, "SELECT count(*) FROM profile_pic.webhook_events")).isZero();

    told.jdbc.update("UPDATE profile_pic.alerts SET since = now() - interval '31 minutes'");
    watch();
    watch();
    told.jdbc.update(
        "UPDATE profile_pic.instances SET paused_until = now() WHERE instance_id = ?", instance);
    watch();

    var heard = atLeast(listener, path, 2);
    assertThat(heard).hasSize(2);
    assertThat(heard.stream().map(each -> each.json().at("/data/status").asString()))
        .containsExactlyInAnyOrder("firing", "resolved");
    assertThat(heard)
        .allSatisfy(each -> {
          assertThat(each.json().at("/data/alert").asString()).isEqualTo("InstancePausedLong");
          assertThat(each.json().at("/data/instance_id").asString()).isEqualTo(instance);
        });
  }

  private static void watch() {
    told.jdbc.queryForList("SELECT profile_pic.watch_alerts('{}')");
  }

  private void breaker(String state) {
    told.jdbc.queryForList(
        "SELECT profile_pic.breaker_changed(?, ?, interval '5 s')", instance, state);
  }

  private static void fail(boolean gone) {
    told.jdbc.queryForList(
        "SELECT 1 FROM (SELECT profile_pic.delivery_failed(id, 500, 'it answered 500', 0, ?) FROM profile_pic.webhook_deliveries) AS f",
        gone);
  }

  /** Adds an endpoint, and returns its path. */
  private static String listen(
      FakeListener where, String events, @org.jspecify.annotations.Nullable String instance) {
    var path = "/" + UUID.randomUUID();
    told.webhook(where.url() + path, events, instance);
    return path;
  }

  private static FakeListener.Heard onlyAt(FakeListener where, String path) {
    var heard = atLeast(where, path, 1);
    assertThat(heard).hasSize(1);
    return heard.getFirst();
  }

  private static List<String> typesAt(FakeListener where, String path, int count) {
    return atLeast(where, path, count).stream().map(FakeListener.Heard::type).toList();
  }

  private static List<FakeListener.Heard> atLeast(FakeListener where, String path, int count) {
    await().pollInterval(Duration.ofMillis(20)).until(() -> where.heard(path).size() >= count);
    told.untilTold();
    return where.heard(path);
  }

  /** As whoever gets it would check it. */
  private static String signature(FakeListener.Heard heard, String secret) throws Exception {
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(
        new SecretKeySpec(
            Base64.getDecoder().decode(secret.substring("whsec_".length())), "HmacSHA256"));
    var signed = heard.id() + "." + heard.timestamp() + "." + heard.body();
    return "v1,"
        + Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
  }
}
