package dev.profilepic.receiver.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.QueueHand;
import dev.profilepic.receiver.support.ReceiverTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class DeadLettersTest extends ReceiverTest {

  private String lead = "";

  @BeforeEach
  void aLeadDied() {
    jdbc.sql("DELETE FROM pgmq.q_profile_pic_dlq").update();
    lead = newLead("5562999212484");
    http.post(
        "/profile-pics", "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead));
    new QueueHand(jdbc).settle(lead, "NO_ANSWER");
  }

  @Test
  void itIsListedWithItsReasonAndAMaskedPhone() {
    assertThat(letters("")).hasSize(1);
    var letter = letters("?reason=NO_ANSWER").get(0);

    assertThat(letter.path("lead_id").asString()).isEqualTo(lead);
    assertThat(letter.path("reason").asString()).isEqualTo("NO_ANSWER");
    assertThat(letter.path("phone").asString()).isEqualTo("55629****2484");
    assertThat(letters("?reason=BAD_IMAGE")).isEmpty();
  }

  @Test
  void itIsReplayedOnceHoweverOftenOneAsks() {
    var first = http.post("/dead-letters/replay", "{\"reason\": \"NO_ANSWER\"}").json();
    var second = http.post("/dead-letters/replay", "{\"all\": true}").json();

    assertThat(first.path("queued").asInt()).isEqualTo(1);
    assertThat(second.path("replayed").asInt()).isZero();
    assertThat(messagesFor(lead)).hasSize(1);
    assertThat(letters("")).isEmpty();
  }

  @Test
  void itCanBeDropped() {
    var id = letters("").get(0).path("id").asLong();

    assertThat(http.delete("/dead-letters/" + id).status()).isEqualTo(204);
    assertThat(http.delete("/dead-letters/" + id).status()).isEqualTo(404);
  }

  @Test
  void exactlyOneWayToChooseIsNeeded() {
    assertThat(http.post("/dead-letters/replay", "{}").status()).isEqualTo(400);
    assertThat(http.post("/dead-letters/replay", "{\"all\": true, \"ids\": [1]}").status())
        .isEqualTo(400);
    assertThat(http.post("/dead-letters/replay", "{\"ids\": [\"x\"]}").status()).isEqualTo(400);
    assertThat(http.post("/dead-letters/replay", "{\"ids\": []}").status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "[1, [2]]",
        "7",
        "{\"lead_id\": 1e5000, \"error\": {\"attempts\": 1e5000, \"first_seen\": []}}",
        "{\"error\": \"none\"}",
        "{\"error\": {\"attempts\": {}, \"reason\": 5}}",
        "deep"
      })
  void oneThatNobodyCanReadIsListedLikeTheOthers(String message) {
    jdbc.sql("SELECT pgmq.send('profile_pic_dlq', ?::jsonb)")
        .param(
            message.equals("deep")
                ? "{\"a\": " + "[".repeat(1_000) + "]".repeat(1_000) + "}"
                : message)
        .query(Long.class)
        .single();

    assertThat(letters("")).hasSize(2);
    assertThat(letters("").get(0).path("attempts").isInt()).isTrue();
  }

  private JsonNode letters(String query) {
    return http.get("/dead-letters" + query).json().path("items");
  }
}
