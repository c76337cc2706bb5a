package dev.profilepic.receiver.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.receiver.support.Console;
import dev.profilepic.receiver.support.Http;
import dev.profilepic.receiver.support.ReceiverTest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.test.context.TestPropertySource;

@TestPropertySource(
    properties = {
      "profile-pic.auth.operate-per-minute=3",
      "profile-pic.auth.ingest-per-minute=5",
      "profile-pic.auth.allowed-origins=https://crm.example",
      "profile-pic.webhooks.signers[0].kind=waha",
      "profile-pic.webhooks.signers[0].instances=vendas",
      "profile-pic.webhooks.signers[0].secret=a-secret-for-vendas",
      "profile-pic.webhooks.signers[1].kind=waha",
      "profile-pic.webhooks.signers[1].instances=suporte",
      "profile-pic.webhooks.signers[1].secret=a-secret-for-suporte"
    })
class RateLimitTest extends ReceiverTest {

  @Test
  void whoAsksTooMuchIsToldWhenToComeBack() {
    var reader = keyFor("read");
    for (int i = 0; i < 3; i++) {
      assertThat(reader.get("/bulk-sync-status").status()).isEqualTo(200);
    }

    assertRefused(reader.get("/syncs"));
    assertRefused(reader.get("/webhooks/unrecognised"));
  }

  @Test
  void eventsHaveALimitOfTheirOwnAndEachKeyToo() {
    var one = keyFor("ingest");
    var other = keyFor("ingest");
    for (int i = 0; i < 5; i++) {
      assertThat(one.post("/profile-pics", "{}").status()).isEqualTo(400);
    }

    assertRefused(one.post("/profile-pics", "{}"));
    assertRefused(one.post("/webhooks/waha", "{}"));
    assertThat(other.post("/profile-pics", "{}").status()).isEqualTo(400);
  }

  @Test
  void eachPersonOfAListCounts() {
    var sender = keyFor("ingest");
    assertThat(sender.post("/webhooks/evolution", contacts(4)).status()).isEqualTo(202);

    assertRefused(sender.post("/webhooks/evolution", contacts(3)));
    assertThat(sender.post("/webhooks/evolution", "{}").status()).isEqualTo(429);
  }

  @Test
  void aListLongerThanTheLimitPassesAndTheNextCallWaits() {
    var sender = keyFor("ingest");
    assertThat(sender.post("/webhooks/evolution", contacts(9)).status()).isEqualTo(202);

    assertRefused(sender.post("/profile-pics", "{}"));
  }

  private static String contacts(int people) {
    return IntStream.range(0, people)
        .mapToObj("{\"remoteJid\": \"551193000000%d@s.whatsapp.net\"}"::formatted)
        .collect(
            Collectors.joining(
                ",", "{\"event\": \"contacts.update\", \"instance\": \"i\", \"data\": [", "]}"));
  }

  @Test
  void whoeverHasSentTooManyEventsMayStillAsk() {
    var caller = keyFor("ingest,read");
    for (int i = 0; i < 5; i++) {
      caller.post("/profile-pics", "{}");
    }
    assertRefused(caller.post("/profile-pics", "{}"));

    assertThat(caller.get("/leads/nobody/profile-pic").status()).isEqualTo(404);
  }

  @Test
  void aUsedUpLimitIsRestoredAfterAMinute() {
    var limits = new RateLimits(new AuthProperties(null, 1, 1, List.of()));
    var caller =
        new Caller(
            new ApiKey(1L, "hasty", ApiKey.Digest.of("key"), Set.of("read"), Set.of(), null));

    assertThat(limits.take(caller, false)).isEmpty();
    assertThat(limits.take(caller, false))
        .hasValueSatisfying(
            wait -> assertThat(wait).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(61)));
  }

  @Test
  void whatAKeyMayNotDoDoesNotCount() {
    var reader = keyFor("read");
    for (int i = 0; i < 10; i++) {
      assertThat(reader.delete("/dead-letters/1").status()).isEqualTo(403);
    }

    assertThat(reader.get("/syncs").status()).isEqualTo(200);
  }

  @Test
  void thePagesOfTheConsoleCountForTheKeyThatSignedIn() {
    var secret = "limited-" + UUID.randomUUID();
    var reader = keyFor("read", secret);
    var console = Console.signIn(withKey(null), secret);
    for (int i = 0; i < 3; i++) {
      assertThat(console.get("/console/syncs").status()).isEqualTo(200);
    }

    assertThat(console.get("/console/syncs").status()).isEqualTo(429);
    assertRefused(reader.get("/syncs"));
  }

  @Test
  void sendersThatSignHaveALimitEachThoughTheirKindHasOneName() {
    for (int i = 0; i < 5; i++) {
      assertThat(signed("vendas", i).status()).isEqualTo(202);
    }

    assertRefused(signed("vendas", 5));
    assertThat(signed("suporte", 0).status()).isEqualTo(202);
  }

  private Http.Answer signed(String instance, int number) {
    var body =
        "{\"event\": \"message\", \"session\": \"%s\", \"payload\": {\"from\": \"556294000000@c.us\", \"id\": \"%s\"}}"
            .formatted(instance, number);
    return withKey(null).post("/webhooks/waha", body, "X-Webhook-Hmac", digest(instance, body));
  }

  private static String digest(String instance, String body) {
    try {
      var mac = Mac.getInstance("HmacSHA512");
      mac.init(
          new SecretKeySpec(
              ("a-secret-for-" + instance).getBytes(StandardCharsets.UTF_8), "HmacSHA512"));
      return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Test
  void byDefaultSixHundredAMinuteMayBeAskedAndSixtyThousandEventsSent() {
    var defaults =
        new Binder(new MapConfigurationPropertySource(Map.of()))
            .bindOrCreate("profile-pic.auth", AuthProperties.class);

    assertThat(defaults.operatePerMinute()).isEqualTo(600);
    assertThat(defaults.ingestPerMinute()).isEqualTo(60_000);
  }

  /**
   * Returns a caller with a new key. The key's scope forbids the call that waits for the key, and
   * forbidden calls do not count against the limit.
   */
  private Http keyFor(String scope) {
    return keyFor(scope, "limited-" + UUID.randomUUID());
  }

  private Http keyFor(String scope, String secret) {
    jdbc.sql(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes) VALUES (?, sha256(?::bytea), string_to_array(?, ','))")
        .params(secret, secret, scope)
        .update();
    var caller = withKey(secret);
    await().until(() -> caller.delete("/dead-letters/1").status() == 403);
    return caller;
  }

  private static void assertRefused(Http.Answer answer) {
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
    assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(1, 60);
    assertThat(answer.json().path("success").asBoolean(true)).isFalse();
  }

  @Test
  void anAllowedOriginMayAskFromABrowserAndOthersMayNot() {
    var allowed = preflight("https://crm.example");
    var other = preflight("https://evil.example");

    assertThat(allowed.header("access-control-allow-origin")).isEqualTo("https://crm.example");
    assertThat(other.status()).isEqualTo(403);
  }

  private Http.Answer preflight(String origin) {
    return withKey(null)
        .send(
            "OPTIONS",
            "/bulk-sync-status",
            null,
            "Origin",
            origin,
            "Access-Control-Request-Method",
            "GET");
  }
}
