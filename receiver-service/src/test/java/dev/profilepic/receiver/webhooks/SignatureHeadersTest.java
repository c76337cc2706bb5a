package dev.profilepic.receiver.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Http.Answer;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The headers that count as signatures, and the senders that they belong to. */
class SignatureHeadersTest extends SignedWebhooksTest {

  private static final String BRIDGES_SECRET = "local-webhook-secret-for-bin-up";

  @ParameterizedTest
  @ValueSource(strings = {"waha", "auto", "waha/session.status", "auto/session.status"})
  void aSignatureIsFoundWhereverItsSenderMayCall(String path) {
    var body = status();

    assertThat(signedByWaha(path, body, "a-secret-for-waha").status()).isEqualTo(202);
    assertThat(signedByWaha(path, body, "a-secret-of-nobody").status()).isEqualTo(401);
  }

  @Test
  void aSignatureOfAnotherKindIsNone() {
    assertThat(signedByWaha("baileys", status(), "a-secret-for-waha").status()).isEqualTo(401);
    assertThat(signedByWaha("evolution", status(), "a-secret-for-waha").status()).isEqualTo(401);
    assertThat(standard("waha", id(), seconds(Duration.ZERO), "v1").status()).isEqualTo(401);
    assertThat(standard("baileys", id(), seconds(Duration.ZERO), "v1").status()).isEqualTo(202);
  }

  @Test
  void aSignatureIsForWebhooksAlone() {
    var hmac = wahaHmac(BODY, "a-secret-for-waha");

    assertThat(withKey(null).post("/profile-pics", BODY, "X-Webhook-Hmac", hmac).status())
        .isEqualTo(401);
  }

  /** The window of five minutes is open to both sides: the sender's clock may be ahead. */
  @ParameterizedTest
  @CsvSource({"PT-4M, 202", "PT4M, 202", "PT-6M, 401", "PT6M, 401", "P365D, 401"})
  void aSignatureCountsAroundItsTime(Duration away, int status) {
    assertThat(standard("baileys", id(), seconds(away), "v1").status()).isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-1", "1e9", "99999999999999999999"})
  void whatIsNoTimeIsRefused(String timestamp) {
    assertThat(standard("baileys", id(), timestamp, "v1").status()).isEqualTo(401);
  }

  @Test
  void aDeliveryHasAnIdOfTwoHundredLettersAtTheMost() {
    var now = seconds(Duration.ZERO);
    var longest = UUID.randomUUID() + "x".repeat(164);

    assertThat(standard("baileys", longest, now, "v1").status()).isEqualTo(202);
    assertThat(standard("baileys", longest + "x", now, "v1").status()).isEqualTo(401);
    assertThat(standard("baileys", "", now, "v1").status()).isEqualTo(401);
  }

  /** Other versions of the scheme sign other content. */
  @ParameterizedTest
  @ValueSource(strings = {"v2", "v1a", "V1", ""})
  void aSignatureOfAnotherVersionDoesNotCount(String version) {
    assertThat(standard("baileys", id(), seconds(Duration.ZERO), version).status()).isEqualTo(401);
  }

  @Test
  void anInstancesFormerSecretSpeaksForThatInstanceToo() {
    var own = message("vendas");
    var foreign = message("outra");

    assertThat(signedByWaha("waha", own, "a-former-secret-for-vendas").status()).isEqualTo(202);
    assertThat(signedByWaha("waha", foreign, "a-former-secret-for-vendas").status()).isEqualTo(403);
  }

  private Answer signedByWaha(String path, String body, String secret) {
    return withKey(null).post("/webhooks/" + path, body, "X-Webhook-Hmac", wahaHmac(body, secret));
  }

  private static String wahaHmac(String body, String secret) {
    return HexFormat.of().formatHex(hmac("HmacSHA512", bytes(secret), bytes(body)));
  }

  /** Sends a webhook with a correct signature by the bridge's secret, for any header values. */
  private Answer standard(String kind, String id, String timestamp, String version) {
    var signature =
        hmac("HmacSHA256", bytes(BRIDGES_SECRET), bytes(id + "." + timestamp + "." + BODY));
    return withKey(null)
        .post(
            "/webhooks/" + kind,
            BODY,
            "webhook-id",
            id,
            "webhook-timestamp",
            timestamp,
            "webhook-signature",
            version + "," + Base64.getEncoder().encodeToString(signature));
  }

  private static String seconds(Duration fromNow) {
    return Long.toString(now().plus(fromNow).getEpochSecond());
  }

  private static String id() {
    return "msg_" + UUID.randomUUID();
  }

  private static String status() {
    return "{\"event\": \"session.status\", \"id\": \"" + UUID.randomUUID() + "\"}";
  }

  private static String message(String session) {
    return "{\"event\": \"message\", \"session\": \"%s\", \"payload\": {\"from\": \"5562987650099@c.us\", \"id\": \"%s\"}}"
        .formatted(session, UUID.randomUUID());
  }
}
