package dev.profilepic.receiver.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Evolution signs a token instead of its body. */
class EvolutionTokensTest extends SignedWebhooksTest {

  @Test
  void evolutionsTokenMustBeHs256AndCurrent() {
    var hs256 = "{\"alg\":\"HS256\"}";
    var now = now();

    assertThat(evolution(hs256, claims(now, now.plusSeconds(600)))).isEqualTo(202);
    assertThat(evolution(hs256, claims(now.minusSeconds(1200), now.minusSeconds(600))))
        .isEqualTo(401);
    assertThat(evolution("{\"alg\":\"none\"}", claims(now, now.plusSeconds(600)))).isEqualTo(401);
  }

  @Test
  void evolutionsTokenIsOfNoUseAfterTenMinutesWhateverItSays() {
    var hs256 = "{\"alg\":\"HS256\"}";
    var now = now();
    var inAYear = now.plus(Duration.ofDays(365));

    assertThat(evolution(hs256, claims(now.minusSeconds(720), inAYear))).isEqualTo(401);
    assertThat(evolution(hs256, claims(now.plusSeconds(600), inAYear))).isEqualTo(401);
    assertThat(evolution(hs256, "{\"exp\":" + inAYear.getEpochSecond() + "}")).isEqualTo(401);
    assertThat(evolution(hs256, "{\"iat\":" + now.getEpochSecond() + "}")).isEqualTo(401);
  }

  @Test
  void evolutionsDeliveryPlayedAgainHasNoEffectAndAnotherBodyIsAnotherDelivery() {
    var token = token("{\"alg\":\"HS256\"}", claims(now(), now().plusSeconds(600)));
    var lead = newLead("5562987650001", "evo");
    var body =
        "{\"event\": \"contacts.update\", \"instance\": \"evo\", \"data\": {\"remoteJid\":"
            + " \"5562987650001@s.whatsapp.net\", \"profilePicUrl\": null}}";

    var first = sendToEvolution(body, token);
    jdbc.sql("DELETE FROM pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ?")
        .param(lead)
        .update();
    var replayed = sendToEvolution(body, token);
    var other = sendToEvolution(body.replace("null", "\"\""), token);

    assertThat(first.json().path("status").asString()).isEqualTo("queued");
    assertThat(replayed.json().path("status").asString()).isEqualTo("duplicate");
    assertThat(replayed.status()).as("what is no 202 is repeated ten times").isEqualTo(202);
    assertThat(other.json().path("status").asString()).isEqualTo("queued");
  }

  @Test
  void evolutionMayRepeatItsOwnDeliveryForTwentyMinutes() {
    var issued = now().minusSeconds(900);
    var token = token("{\"alg\":\"HS256\"}", claims(issued, issued.plusSeconds(600)));
    var other = BODY + " ";

    assertThat(sendToEvolution(BODY, token).status()).isEqualTo(202);
    assertThat(statusOf(sendToEvolution(BODY, token))).isEqualTo("duplicate");
    assertThat(sendToEvolution(other, token).status()).as("another body").isEqualTo(401);
  }

  private int evolution(String header, String claims) {
    return sendToEvolution(BODY, token(header, claims)).status();
  }
}
