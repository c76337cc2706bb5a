package dev.profilepic.receiver.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Http.Answer;
import dev.profilepic.receiver.support.ReceiverTest;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

class IdempotencyTest extends ReceiverTest {

  private final String key = UUID.randomUUID().toString();

  @Autowired private KeptAnswers answers;

  @Test
  void theSameRequestIsAnsweredAsBeforeAndDoneOnce() {
    var body = forced(newLead("5562999212484"));

    var first = post(body);
    var second = post(body);

    assertThat(first.status()).isEqualTo(202);
    assertThat(second.text()).isEqualTo(first.text());
    assertThat(second.status()).isEqualTo(202);
    assertThat(second.header("content-type")).isEqualTo(first.header("content-type"));
    assertThat(second.header("idempotency-replayed")).isEqualTo("true");
    assertThat(first.header("idempotency-replayed")).isEmpty();
  }

  @Test
  void anotherRequestNeedsAnotherKey() {
    var lead = newLead("5562999212484");
    post(forced(lead));

    var otherBody = post(forced(newLead("5562999212485")));
    var otherPath =
        http.post("/instance/i/process-profile-pic", forced(lead), "Idempotency-Key", key);

    assertThat(otherBody.status()).isEqualTo(422);
    assertThat(otherBody.json().path("type").asString())
        .isEqualTo("urn:profile-pic:problem:idempotency-key-reused");
    assertThat(otherPath.status()).isEqualTo(422);
  }

  @Test
  void aKeyIsTheCallersOwn() {
    var secret = "idempotent-" + key;
    jdbc.sql(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes) VALUES (?, sha256(?::bytea), '{ingest,read}')")
        .params(secret, secret)
        .update();
    awaitKey(secret);
    post(forced(newLead("5562999212484")));

    var others =
        withKey(secret)
            .post("/profile-pics", forced(newLead("5562999212485")), "Idempotency-Key", key);

    assertThat(others.status()).isEqualTo(202);
  }

  @Test
  void aKeyThatHasTheNameOfTheConfiguredOneGetsNoneOfItsAnswers() {
    var secret = "idempotent-" + key;
    jdbc.sql(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes) VALUES ('bootstrap', sha256(?::bytea), '{ingest,read}')")
        .param(secret)
        .update();
    awaitKey(secret);
    var body = forced(newLead("5562999212484"));
    post(body);

    var others = withKey(secret).post("/profile-pics", body, "Idempotency-Key", key);

    jdbc.sql("DELETE FROM profile_pic.api_keys WHERE name = 'bootstrap'").update();
    assertThat(others.status()).isEqualTo(202);
    assertThat(others.header("idempotency-replayed")).isEmpty();
  }

  @Test
  void whileTheFirstIsBeingWorkedTheSameIsRefusedAndItsKeyComesBackWhenItIsGivenUp() {
    var body = forced(newLead("5562999212484"));
    post(body);
    jdbc.sql(
            "UPDATE profile_pic.idempotency_keys SET open_until = now() + interval '1 minute' WHERE key = ?")
        .param(key)
        .update();

    var meanwhile = post(body);
    jdbc.sql("UPDATE profile_pic.idempotency_keys SET open_until = now() WHERE key = ?")
        .param(key)
        .update();
    var later = post(body);

    assertThat(meanwhile.status()).isEqualTo(409);
    assertThat(meanwhile.header("retry-after")).isEqualTo("1");
    assertThat(later.status()).isEqualTo(202);
    assertThat(later.header("idempotency-replayed")).isEmpty();
  }

  @Test
  void ofManyAtTheSameMomentOneIsDone() {
    var body = forced(newLead("5562999212484"));

    var all =
        Stream.generate(() -> CompletableFuture.supplyAsync(() -> post(body)))
            .limit(8)
            .toList()
            .stream()
            .map(CompletableFuture::join)
            .toList();

    assertThat(all).extracting(Answer::status).isSubsetOf(202, 409).contains(202);
    assertThat(
            all.stream()
                .filter(
                    each -> each.status() == 202 && each.header("idempotency-replayed").isEmpty()))
        .hasSize(1);
  }

  @Test
  void whatFailedMayBeSentAgainWithTheSameKey() {
    assertThat(post("{}").status()).isEqualTo(400);

    assertThat(post(forced(newLead("5562999212484"))).status()).isEqualTo(202);
  }

  @Test
  void webhooksMayHaveOneToo() {
    var body =
        "{\"from\": \"5562999212484@s.whatsapp.net\", \"leadId\": \"%s\", \"fromMe\": false}"
            .formatted(newLead("5562999212484"));

    var first = http.post("/webhooks/whatsapp-web", body, "Idempotency-Key", key);
    var second = http.post("/webhooks/whatsapp-web", body, "Idempotency-Key", key);
    var other = http.post("/webhooks/whatsapp-web", body + " ", "Idempotency-Key", key);

    assertThat(first.json().path("status").asString()).isEqualTo("queued");
    assertThat(second.text()).isEqualTo(first.text());
    assertThat(other.status()).isEqualTo(422);
  }

  @Test
  void aKeyIsQuotedOrNotAndNeitherEmptyNorEndless() {
    var body = forced(newLead("5562999212484"));

    assertThat(post(body).status()).isEqualTo(202);
    assertThat(http.post("/profile-pics", body, "Idempotency-Key", "\"" + key + "\"").text())
        .isEqualTo(post(body).text());
    assertThat(http.post("/profile-pics", body, "Idempotency-Key", "\"\"").status()).isEqualTo(400);
    assertThat(http.post("/profile-pics", body, "Idempotency-Key", "x".repeat(256)).status())
        .isEqualTo(400);
  }

  @Test
  void afterADayAKeyIsForgotten() {
    post(forced(newLead("5562999212484")));
    jdbc.sql(
            "UPDATE profile_pic.idempotency_keys SET taken_at = now() - interval '25 hours' WHERE key = ?")
        .param(key)
        .update();

    assertThat(post(forced(newLead("5562999212485"))).status()).as("used anew").isEqualTo(202);
    jdbc.sql(
            "UPDATE profile_pic.idempotency_keys SET taken_at = now() - interval '25 hours' WHERE key = ?")
        .param(key)
        .update();
    answers.forgetOldOnes();
    assertThat(kept("configured:bootstrap", key)).isZero();
  }

  @Test
  void withinADayAKeyIsKept() {
    post(forced(newLead("5562999212484")));
    jdbc.sql(
            "UPDATE profile_pic.idempotency_keys SET taken_at = now() - interval '23 hours' WHERE key = ?")
        .param(key)
        .update();

    answers.forgetOldOnes();

    assertThat(kept("configured:bootstrap", key)).isEqualTo(1);
    assertThat(post(forced(newLead("5562999212485"))).status())
        .as("of another call")
        .isEqualTo(422);
  }

  @Test
  void aCallerWhoSendsMoreKeysThanAnybodyNeedsKeepsTheNewest() {
    jdbc.sql(
            """
            INSERT INTO profile_pic.idempotency_keys (caller, key, fingerprint, taken_at)
            SELECT 'crowd', n::text, sha256('x'), now() - interval '1 hour' + n * interval '1 ms' FROM generate_series(1, 100010) AS n
            """)
        .update();

    answers.forgetOldOnes();

    assertThat(kept("crowd", "%")).isEqualTo(100_000);
    assertThat(kept("crowd", "10")).isZero();
    jdbc.sql("DELETE FROM profile_pic.idempotency_keys WHERE caller = 'crowd'").update();
  }

  private long kept(String caller, String pattern) {
    return jdbc.sql(
            "SELECT count(*) FROM profile_pic.idempotency_keys WHERE caller = ? AND key LIKE ?")
        .params(caller, pattern)
        .query(Long.class)
        .single();
  }

  private Answer post(String body) {
    return http.post("/profile-pics", body, "Idempotency-Key", key);
  }

  private static String forced(String lead) {
    return "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\", \"force_update\": true}"
        .formatted(lead);
  }
}
