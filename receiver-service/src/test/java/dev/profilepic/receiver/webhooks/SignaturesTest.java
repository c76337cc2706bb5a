package dev.profilepic.receiver.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Http.Answer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Signatures of the bridge and of WAHA, and replayed deliveries. */
class SignaturesTest extends SignedWebhooksTest {

  private static final byte[] BRIDGE =
      "local-webhook-secret-for-bin-up".getBytes(StandardCharsets.UTF_8);

  @Test
  void aSignedWebhookNeedsNoKey() {
    var answer = standard("msg_" + UUID.randomUUID(), now(), BODY, BODY);

    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
  }

  @Test
  void aChangedBodyAnotherSecretAndAnOldSignatureAreRefused() {
    var old = now().minus(Duration.ofMinutes(6));

    assertThat(standard("msg_1", now(), BODY, BODY + " ").status()).isEqualTo(401);
    assertThat(standard("msg_1", old, BODY, BODY).status()).isEqualTo(401);
    assertThat(
            withKey(null)
                .post("/webhooks/baileys", BODY, "webhook-id", "x", "webhook-signature", "v1,AAAA")
                .status())
        .isEqualTo(401);
    assertThat(withKey(null).post("/webhooks/baileys", BODY).status()).isEqualTo(401);
  }

  @Test
  void aRecordedDeliveryPlayedAgainIsRefusedAndARepeatedOneIsADuplicate() {
    var id = "msg_" + UUID.randomUUID();
    var at = now();

    assertThat(standard(id, at, BODY, BODY).status()).isEqualTo(202);
    assertThat(standard(id, at, BODY, BODY).status()).isEqualTo(409);
    var repeated = standard(id, at.plusSeconds(1), BODY, BODY);
    assertThat(repeated.status()).isEqualTo(202);
    assertThat(repeated.json().path("status").asString()).isEqualTo("duplicate");
  }

  @Test
  void wahasDigestIsCheckedOverTheBodyAsItCame() {
    var body = "{\"event\": \"session.status\", \"id\": \"" + UUID.randomUUID() + "\"}";
    var hmac =
        HexFormat.of().formatHex(hmac("HmacSHA512", bytes("a-secret-for-waha"), bytes(body)));

    assertThat(withKey(null).post("/webhooks/waha", body, "X-Webhook-Hmac", hmac).status())
        .isEqualTo(202);
    assertThat(withKey(null).post("/webhooks/waha", body + " ", "X-Webhook-Hmac", hmac).status())
        .isEqualTo(401);
    assertThat(withKey(null).post("/webhooks/waha", body, "X-Webhook-Hmac", "zz").status())
        .isEqualTo(401);
  }

  @Test
  void aPartOfASignatureIsRefused() {
    var body = wahaMessage("w", "5562987650006");
    var hmac = waha("a-secret-for-waha", body);

    assertThat(sendToWaha(body, hmac.substring(0, 126)).status()).isEqualTo(401);
    assertThat(sendToWaha(body, hmac.substring(0, 64)).status()).isEqualTo(401);
    assertThat(sendToWaha(body, "").status()).isEqualTo(401);
    assertThat(sendToWaha(body, hmac).status()).isEqualTo(202);
  }

  @Test
  void anotherSpellingOfASignatureIsNoOtherDelivery() {
    var lead = newLead("5562987650002", "w");
    var body = wahaMessage("w", "5562987650002");
    var hex = waha("a-secret-for-waha", body);
    var token = token("{\"alg\":\"HS256\"}", claims(now(), now().plusSeconds(600)));

    assertThat(statusOf(sendToWaha(body, hex))).isEqualTo("queued");
    forgetMessages(lead);
    assertThat(statusOf(sendToWaha(body, hex.toUpperCase(java.util.Locale.ROOT))))
        .isEqualTo("duplicate");
    assertThat(messagesFor(lead)).isEmpty();
    assertThat(sendToEvolution(BODY, token).status()).isEqualTo(202);
    assertThat(sendToEvolution(BODY, token + "=").status()).isEqualTo(401);
    assertThat(statusOf(sendToEvolution(BODY, withOtherLastLetter(token)))).isEqualTo("duplicate");
  }

  @Test
  void ofThirtyReplaysAtTheSameMomentOneGoesOn() throws Exception {
    var id = "msg_" + UUID.randomUUID();
    var at = now();
    var start = new java.util.concurrent.CountDownLatch(1);
    try (var senders = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
      var answers =
          java.util.stream.IntStream.range(0, 30)
              .mapToObj(i ->
                  senders.submit(() -> {
                    start.await();
                    return standard(id, at, BODY, BODY).status();
                  }))
              .toList();
      start.countDown();
      var statuses = new java.util.ArrayList<Integer>();
      for (var answer : answers) {
        statuses.add(answer.get());
      }

      assertThat(statuses).containsOnly(202, 409).containsOnlyOnce(202);
    }
  }

  @Test
  void ofThirtyTimesTheSameDeliveryInOtherSpellingsOneActs() throws Exception {
    newLead("5562987650004", "w");
    newLead("5562987650005", "evo");
    var waha = wahaMessage("w", "5562987650004");
    var hex = waha("a-secret-for-waha", waha);
    var evolution =
        "{\"event\": \"contacts.update\", \"instance\": \"evo\", \"data\": {\"remoteJid\":"
            + " \"5562987650005@s.whatsapp.net\", \"profilePicUrl\": \"\"}}";
    var token = token("{\"alg\":\"HS256\"}", claims(now(), now().plusSeconds(600)));

    assertThat(
            atOnce(
                i -> sendToWaha(waha, i % 2 == 0 ? hex : hex.toUpperCase(java.util.Locale.ROOT))))
        .containsOnlyOnce("queued");
    assertThat(
            atOnce(
                i -> sendToEvolution(evolution, i % 2 == 0 ? token : withOtherLastLetter(token))))
        .containsOnlyOnce("queued");
  }

  /**
   * Sends thirty times in parallel and returns the results. A repetition may come too early (503).
   */
  private static List<String> atOnce(IntFunction<Answer> send) throws Exception {
    var start = new CountDownLatch(1);
    try (var senders = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers =
          IntStream.range(0, 30)
              .mapToObj(i ->
                  senders.submit(() -> {
                    start.await();
                    return send.apply(i);
                  }))
              .toList();
      start.countDown();
      var told = new ArrayList<String>();
      for (var answer : answers) {
        assertThat(answer.get().status()).isIn(202, 503);
        told.add(answer.get().status() == 503 ? "too early" : statusOf(answer.get()));
      }
      return told;
    }
  }

  @Test
  void whatFailedMayBeSentAgain() {
    var delivery = "d-" + UUID.randomUUID();
    var take = "SELECT profile_pic.take_receipt('waha', ?, 'epoch', NULL, false)";

    assertThat(jdbc.sql(take).param(delivery).query(String.class).single()).isEqualTo("taken");
    assertThat(jdbc.sql(take).param(delivery).query(String.class).single()).isEqualTo("busy");
    jdbc.sql("SELECT 1 FROM profile_pic.drop_receipt('waha', ?)")
        .param(delivery)
        .query(Integer.class)
        .list();
    assertThat(jdbc.sql(take).param(delivery).query(String.class).single()).isEqualTo("taken");
    jdbc.sql("SELECT 1 FROM profile_pic.accept_receipt('waha', ?)")
        .param(delivery)
        .query(Integer.class)
        .list();
    assertThat(jdbc.sql(take).param(delivery).query(String.class).single()).isEqualTo("repeated");
  }

  @Test
  void aFormerSecretIsValidBesideTheNewOne() {
    var body = "{\"event\": \"session.status\", \"id\": \"" + UUID.randomUUID() + "\"}";

    assertThat(sendToWaha(body, waha("a-former-secret-for-waha", body)).status()).isEqualTo(202);
    assertThat(sendToWaha(body, waha("a-secret-of-nobody", body)).status()).isEqualTo(401);
  }

  @Test
  void anInstancesSecretSpeaksForThatInstanceOnly() {
    newLead("5562987650003");
    var own = wahaMessage("vendas", "5562987650003");
    var foreign = wahaMessage("outra", "5562987650003");

    assertThat(sendToWaha(own, waha("a-secret-for-vendas", own)).status()).isEqualTo(202);
    assertThat(sendToWaha(foreign, waha("a-secret-for-vendas", foreign)).status()).isEqualTo(403);
  }

  private void forgetMessages(String lead) {
    jdbc.sql("DELETE FROM pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ?")
        .param(lead)
        .update();
  }

  private static String wahaMessage(String session, String phone) {
    return "{\"event\": \"message\", \"session\": \"%s\", \"payload\": {\"from\": \"%s@c.us\", \"id\": \"%s\"}}"
        .formatted(session, phone, UUID.randomUUID());
  }

  private static String waha(String secret, String body) {
    return HexFormat.of().formatHex(hmac("HmacSHA512", bytes(secret), bytes(body)));
  }

  private Answer sendToWaha(String body, String hmac) {
    return withKey(null).post("/webhooks/waha", body, "X-Webhook-Hmac", hmac);
  }

  /** Changes an unused bit: the last letter of 32 bytes in base64 has two unused bits. */
  private static String withOtherLastLetter(String token) {
    var letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    int last = letters.indexOf(token.charAt(token.length() - 1));
    return token.substring(0, token.length() - 1) + letters.charAt(last ^ 1);
  }

  @Test
  void aKindWithoutASecretTakesKeysOnly() {
    var signed =
        withKey(null)
            .post(
                "/webhooks/whatsapp-web",
                BODY,
                "webhook-id",
                "x",
                "webhook-timestamp",
                "1",
                "webhook-signature",
                "v1,AAAA");

    assertThat(signed.status()).isEqualTo(401);
    assertThat(http.post("/webhooks/whatsapp-web", BODY).status()).isEqualTo(202);
  }

  private Answer standard(String id, Instant at, String signed, String sent) {
    var timestamp = Long.toString(at.getEpochSecond());
    var signature = hmac("HmacSHA256", BRIDGE, bytes(id + "." + timestamp + "." + signed));
    return withKey(null)
        .post(
            "/webhooks/baileys",
            sent,
            "webhook-id",
            id,
            "webhook-timestamp",
            timestamp,
            "webhook-signature",
            "v1,c29tZXRoaW5nIGVsc2U= v1," + Base64.getEncoder().encodeToString(signature));
  }
}
