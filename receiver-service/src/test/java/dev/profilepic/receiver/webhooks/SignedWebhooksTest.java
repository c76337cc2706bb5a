package dev.profilepic.receiver.webhooks;

import dev.profilepic.receiver.support.Http.Answer;
import dev.profilepic.receiver.support.ReceiverTest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.test.context.TestPropertySource;

/** A receiver that knows a secret of each kind of sender that signs. */
@TestPropertySource(
    properties = {
      "profile-pic.webhooks.secrets.waha=a-secret-for-waha",
      "profile-pic.webhooks.former-secrets.waha=a-former-secret-for-waha",
      "profile-pic.webhooks.secrets.evolution=a-secret-for-evolution",
      "profile-pic.webhooks.secrets.wuzapi=a-secret-for-wuzapi-of-32-letters",
      "profile-pic.webhooks.signers[0].kind=waha",
      "profile-pic.webhooks.signers[0].instances=vendas",
      "profile-pic.webhooks.signers[0].secret=a-secret-for-vendas",
      "profile-pic.webhooks.signers[0].former-secret=a-former-secret-for-vendas"
    })
abstract class SignedWebhooksTest extends ReceiverTest {

  static final String BODY = "{\"event\": \"messages.upsert\", \"data\": []}";

  static String statusOf(Answer answer) {
    return answer.json().path("status").asString();
  }

  Answer sendToEvolution(String body, String token) {
    return withKey(null).post("/webhooks/evolution", body, "Authorization", "Bearer " + token);
  }

  /** Returns the claims in the form of Evolution API 2.3. */
  static String claims(Instant issued, Instant expiry) {
    return "{\"iat\":%d,\"exp\":%d,\"app\":\"evolution\",\"action\":\"webhook\"}"
        .formatted(issued.getEpochSecond(), expiry.getEpochSecond());
  }

  static String token(String header, String claims) {
    var encoder = Base64.getUrlEncoder().withoutPadding();
    var signed =
        encoder.encodeToString(bytes(header)) + "." + encoder.encodeToString(bytes(claims));
    var signature = hmac("HmacSHA256", bytes("a-secret-for-evolution"), bytes(signed));
    return signed + "." + encoder.encodeToString(signature);
  }

  static Instant now() {
    return InstantSource.system().instant();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] hmac(String algorithm, byte[] secret, byte[] data) {
    try {
      var mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(secret, algorithm));
      return mac.doFinal(data);
    } catch (java.security.GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
