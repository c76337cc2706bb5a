package dev.profilepic.receiver.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.receiver.support.Http;
import dev.profilepic.receiver.support.ReceiverTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The authentication of senders, and the instances that each sender may report on. */
class WebhookSendersTest extends ReceiverTest {

  private static final AtomicInteger PEOPLE = new AtomicInteger();

  private String phone = "5562" + (94_000_000 + PEOPLE.incrementAndGet());

  @Test
  void aKeyMayBeThePasswordOfHttpBasic() {
    assertThat(withBasic("anybody:" + KEY).status()).isEqualTo(202);
    assertThat(withBasic(":" + KEY).status()).isEqualTo(202);
    assertThat(withBasic(KEY + ":").status()).isEqualTo(401);
    assertThat(withBasic("anybody:wrong").status()).isEqualTo(401);
    assertThat(withBasic("anybody").status()).isEqualTo(401);
  }

  /** Senders that cannot sign, or are not configured to sign, can be given a url. */
  @ParameterizedTest
  @CsvSource({
    "z-api, z-api.received",
    "uazapi, uazapi.messages",
    "evolution-go, evolution-go.message",
    "chatwoot, chatwoot.contact-created",
    "wuzapi, wuzapi.message",
    "wppconnect, wppconnect.onmessage"
  })
  void aSenderThatCanOnlyBeGivenAUrlHasTheKeyInIt(String kind, String sample) throws IOException {
    var body = sample(sample).replace("PHONE", phone).replace("LID", "55512345678901");
    var basic = Base64.getEncoder().encodeToString(("x:" + KEY).getBytes(StandardCharsets.UTF_8));

    for (var path : new String[] {kind, "auto"}) {
      var lead = newLead(phone);
      assertThat(withKey(null).post("/webhooks/" + path, body).status()).isEqualTo(401);
      assertThat(messagesFor(lead)).isEmpty();

      var answer = withKey(null).post("/webhooks/" + path, body, "Authorization", "Basic " + basic);

      assertThat(answer.json().path("status").asString()).as(answer.text()).isEqualTo("queued");
      assertThat(messagesFor(lead)).hasSize(1);
    }
  }

  @Test
  void aKeyGoesForASignatureOfAKindThatHasNoSecret() {
    var body = message("x");

    assertThat(http.post("/webhooks/wuzapi", body, "x-hmac-signature", "00").status())
        .isEqualTo(202);
    assertThat(withKey(null).post("/webhooks/wuzapi", body, "x-hmac-signature", "00").status())
        .isEqualTo(401);
  }

  private String sample(String name) throws IOException {
    try (var in =
        Objects.requireNonNull(
            getClass().getResourceAsStream("/webhooks/peers/" + name + ".json"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aKeyMayStandInTheBody() {
    assertThat(withKey(null).post("/webhooks/fazer", message(KEY)).status()).isEqualTo(202);
    assertThat(withKey(null).post("/webhooks/fazer", message("wrong")).status()).isEqualTo(401);
    assertThat(withKey(null).post("/profile-pics", message(KEY)).status()).isEqualTo(401);
  }

  @Test
  void aKeyForOneInstanceSuppliesIt() {
    var key = key("ingest", "vendas");
    var lead = newLead(phone);

    var answer = withKey(key).post("/webhooks/fazer", message("x"));

    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    assertThat(messagesFor(lead))
        .singleElement()
        .asString()
        .contains("\"instance_id\": \"vendas\"");
  }

  @Test
  void aKeyForOneInstanceTakesEventsByTheirPathsToo() {
    var key = key("ingest", "vendas");
    var lead = newLead(phone);
    var body =
        "{\"event\": \"messages.upsert\", \"instance\": \"%s\", \"data\": {\"key\": {\"remoteJid\": \"%s@s.whatsapp.net\"}}}";

    var own =
        withKey(key).post("/webhooks/evolution/messages-upsert", body.formatted("vendas", phone));
    var foreign =
        withKey(key).post("/webhooks/evolution/messages-upsert", body.formatted("outra", phone));

    assertThat(own.status()).as(own.text()).isEqualTo(202);
    assertThat(foreign.status()).isEqualTo(403);
    assertThat(messagesFor(lead)).hasSize(1);
  }

  @Test
  void anInstanceGoesByTheNameThatItsSourceHas() {
    var id = "v-" + UUID.randomUUID();
    var name = "Vendas São Paulo " + id;
    var lead = newLead(phone);
    assertThat(calledBy(http, name).status()).isEqualTo(400);

    http.patch("/instances/" + id, source(name));

    await().until(() -> calledBy(http, name).status() == 202);
    assertThat(messagesFor(lead))
        .singleElement()
        .asString()
        .contains("\"instance_id\": \"%s\"".formatted(id));
    assertThat(calledBy(withKey(key("ingest", id)), name).status()).isEqualTo(202);
    assertThat(calledBy(withKey(key("ingest", "x-" + id)), name).status())
        .as("somebody else's")
        .isIn(400, 403);
  }

  @Test
  void nobodyTakesTheEventsOfAnInstanceByNamingASourceAfterIt() {
    var theirs = "t-" + UUID.randomUUID();
    var ours = "o-" + UUID.randomUUID();
    http.patch("/instances/" + theirs, "{\"pace_per_minute\": 60}");
    withKey(key("operate,read", ours)).patch("/instances/" + ours, source(theirs));
    var bound = withKey(key("ingest", ours));
    await().until(() -> calledBy(bound, theirs).status() == 202);
    phone = "5562" + (94_000_000 + PEOPLE.incrementAndGet());
    var lead = newLead(phone);

    assertThat(calledBy(http, theirs).status()).isEqualTo(202);

    assertThat(messagesFor(lead))
        .singleElement()
        .asString()
        .contains("\"instance_id\": \"%s\"".formatted(theirs));
  }

  private static String source(String name) {
    return "{\"source\": {\"kind\": \"waha\", \"url\": \"https://waha.example\", \"name\": \"%s\"}}"
        .formatted(name);
  }

  private Http.Answer calledBy(Http sender, String instance) {
    return sender.post(
        "/webhooks/evolution",
        "{\"event\": \"messages.upsert\", \"instance\": \"%s\", \"data\": {\"key\": {\"remoteJid\": \"%s@s.whatsapp.net\"}}}"
            .formatted(instance, phone));
  }

  @Test
  void aKeyForSeveralInstancesMustBeToldWhich() {
    var key = key("ingest", "vendas,suporte");

    assertThat(withKey(key).post("/webhooks/fazer", message("x")).status()).isEqualTo(403);
  }

  @Test
  void whatCouldNotBeReadIsShownToKeysOfItsInstanceOnly() {
    var ours = key("ingest,read", "u-" + UUID.randomUUID());
    var theirs = key("ingest,read", "u-" + UUID.randomUUID());

    withKey(ours).post("/webhooks/auto", "{\"something\": 1}");

    assertThat(withKey(ours).get("/webhooks/unrecognised").json().path("items").size())
        .isEqualTo(1);
    assertThat(withKey(theirs).get("/webhooks/unrecognised").json().path("items").size()).isZero();
    assertThat(withKey(key("ingest", "x")).get("/webhooks/unrecognised").status()).isEqualTo(403);
  }

  private Http.Answer withBasic(String credentials) {
    var encoded = Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    return withKey(null).post("/webhooks/fazer", message("x"), "Authorization", "Basic " + encoded);
  }

  private String message(String token) {
    return """
    {"event": "messages.upsert", "data": {"messages": [{"key": {"remoteJid": "%s@s.whatsapp.net"}}], "type": "notify"},
     "webhookVerifyToken": "%s"}
    """
        .formatted(phone, token);
  }

  private String key(String scopes, String instances) {
    var key = "test-" + UUID.randomUUID();
    jdbc.sql(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes, instances) VALUES (?, ?, string_to_array(?, ','), string_to_array(?, ','))")
        .params(key, sha256(key), scopes, instances)
        .update();
    awaitKey(key);
    return key;
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
