package dev.profilepic.receiver.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Http;
import dev.profilepic.receiver.support.ReceiverTest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How senders show who they are, and for which instances they may speak. */
class WebhookSendersTest extends ReceiverTest {

  private static final AtomicInteger PEOPLE = new AtomicInteger();

  private final String phone = "5562" + (94_000_000 + PEOPLE.incrementAndGet());

  @Test
  void aKeyMayBeThePasswordOfHttpBasic() {
    assertThat(withBasic("anybody:" + KEY).status()).isEqualTo(202);
    assertThat(withBasic(":" + KEY).status()).isEqualTo(202);
    assertThat(withBasic(KEY + ":").status()).isEqualTo(401);
    assertThat(withBasic("anybody:wrong").status()).isEqualTo(401);
    assertThat(withBasic("anybody").status()).isEqualTo(401);
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
