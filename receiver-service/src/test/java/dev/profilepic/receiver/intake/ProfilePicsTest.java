package dev.profilepic.receiver.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProfilePicsTest extends ReceiverTest {

  @Test
  void anEventIsInTheQueueWhenItsAnswerArrives() {
    var lead = newLead("5562999212484");

    var answer =
        http.post(
            "/profile-pics",
            """
            {"lead_id": "%s", "phone": "+55 (62) 9921-2484", "instance_id": "usuario_1",
             "profile_pic_url": "https://pps.whatsapp.net/v/t61.24694-24/1_2_3.jpg?oe=7FFFFFFF"}
            """
                .formatted(lead));

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().path("success").asBoolean()).isTrue();
    assertThat(answer.json().path("status").asString()).isEqualTo("queued");
    assertThat(answer.json().path("lead_id").asString()).isEqualTo(lead);
    assertThat(answer.json().path("message_id").asLong()).isPositive();
    assertThat(answer.json().path("timestamp").asString()).endsWith("Z");
    assertThat(messagesFor(lead))
        .singleElement()
        .satisfies(message ->
            assertThat(message)
                .contains("\"phone\": \"556299212484\"", "\"instance_id\": \"usuario_1\"")
                .contains("\"sync_type\": \"webhook\"", "oe=7FFFFFFF"));
  }

  @Test
  void theSameRequestTwiceMakesOneMessage() {
    var lead = newLead("5562999212484");
    var body = "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead);

    var first = http.post("/profile-pics", body).json();
    var second = http.post("/profile-pics", body).json();

    assertThat(second.path("status").asString()).isEqualTo("duplicate");
    assertThat(second.path("message_id")).isEqualTo(first.path("message_id"));
    assertThat(messagesFor(lead)).hasSize(1);
  }

  @Test
  void whatCurlSendsWithoutAContentTypeIsTakenAsJson() {
    var lead = newLead("5562999212484");

    var answer =
        http.post(
            "/profile-pics",
            "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead),
            "Content-Type",
            "application/x-www-form-urlencoded");

    assertThat(answer.status()).isEqualTo(202);
    assertThat(messagesFor(lead)).hasSize(1);
  }

  @Test
  void theCallersTraceTravelsWithTheMessage() {
    var lead = newLead("5562999212484");
    var parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    http.post(
        "/profile-pics",
        "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead),
        "traceparent",
        parent);

    assertThat(
            jdbc.sql(
                    "SELECT headers ->> 'traceparent' FROM pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ?")
                .param(lead)
                .query(String.class)
                .single())
        .isEqualTo(parent);
  }

  @Test
  void aLeadThatTheCrmDoesNotHaveIsNamed() {
    var answer =
        http.post(
            "/profile-pics",
            "{\"lead_id\": \"0f9d4a4e-8f2e-4a53-a5f5-0a7e0e6b2c11\", \"phone\": \"5562999212484\"}");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.json().path("type").asString())
        .isEqualTo("urn:profile-pic:problem:unknown-lead");
    assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo("lead_id");
  }

  @Test
  void everyWrongFieldIsNamedAtOnceWithItsRemedy() {
    var answer =
        http.post(
            "/profile-pics",
            """
            {"lead_id": {}, "phone": "call me", "profile_pic_url": "javascript:alert(1)", "instance_id": [],
             "force_update": "yes"}
            """);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
    assertThat(answer.json().path("success").asBoolean(true)).isFalse();
    assertThat(answer.json().path("errors"))
        .extracting(error -> error.path("field").asString())
        .containsExactly("lead_id", "phone", "profile_pic_url", "instance_id", "force_update");
    assertThat(answer.text()).doesNotContain("alert(1)", "call me");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "42",
        "{",
        "not json",
        "lead_id=1&phone=2",
        "{\"lead_id\": 1}",
        "{\"lead_id\": \"\", \"phone\": \"5562999212484\"}",
        "{\"lead_id\": \"a\\u0000b\", \"phone\": \"5562999212484\"}",
        "{\"lead_id\": \"\\ud800\", \"phone\": \"5562999212484\"}",
        "{\"lead_id\": \"x\", \"phone\": 1e400}",
        "{\"lead_id\": \"x\", \"phone\": \"5562999212484\", \"profile_pic_url\": \"http://169.254.169.254/\"}",
        "{\"lead_id\": \"x\", \"phone\": \"5562999212484\", \"profile_pic_url\": 7}",
      })
  void garbageIsRefusedAsTheCallersFault(String body) {
    var answer = http.post("/profile-pics", body);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().path("success").asBoolean(true)).isFalse();
    assertThat(answer.text()).doesNotContain("at dev.", "Exception", "169.254");
  }

  @Test
  void deepNestingAndLargeNumbersAreRefusedToo() {
    assertThat(http.post("/profile-pics", "[".repeat(60_000)).status()).isEqualTo(400);
    assertThat(http.post("/profile-pics", "{\"lead_id\": " + "9".repeat(60_000) + "}").status())
        .isEqualTo(400);
  }

  @Test
  void aBodyOfMoreThan64KiBIsRefusedWithoutReadingItWhole() {
    var answer = http.post("/profile-pics", "x".repeat(10_000_000));

    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.json().path("success").asBoolean(true)).isFalse();
  }

  @Test
  void wrongMethodsAndMediaTypesAreNamed() {
    var method = http.get("/profile-pics");
    var type = http.post("/profile-pics", "<lead/>", "Content-Type", "application/xml");

    assertThat(method.status()).isEqualTo(405);
    assertThat(method.header("allow")).isEqualTo("POST");
    assertThat(type.status()).isEqualTo(415);
    assertThat(http.post("/profile-picz", "{}").status()).isEqualTo(404);
  }

  @Test
  void anInstanceIsShortAndMadeOfSafeCharactersAtEveryWayIn() {
    var lead = newLead("5562999212484");
    for (var instance : List.of("a".repeat(65), "x".repeat(20_000), "a b", "a/../b", "é")) {
      var answer =
          http.post(
              "/profile-pics",
              "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\", \"instance_id\": \"%s\"}"
                  .formatted(lead, instance));
      assertThat(answer.status()).as(instance).isEqualTo(400);
      assertThat(answer.json().path("errors").path(0).path("field").asString())
          .isEqualTo("instance_id");
    }
    var tooLong = "a".repeat(65);
    assertThat(http.patch("/instances/" + tooLong, "{\"paused\": true}").status()).isEqualTo(400);
    assertThat(
            http.post(
                    "/instance/" + tooLong + "/process-profile-pic",
                    "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead))
                .status())
        .isEqualTo(400);
    assertThat(http.post("/instance/" + tooLong + "/sync-profile-pics-bulk", "{}").status())
        .isEqualTo(400);
  }
}
