package dev.profilepic.receiver.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Webhooks with times that no event has, and with text that Postgres does not accept. */
class AbsurdWebhooksTest extends ReceiverTest {

  private static final String[] KINDS = {"auto", "evolution", "fazer"};

  private final String instance = "absurd_" + UUID.randomUUID().toString().substring(0, 8);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9223372036854775807",
        "-9223372036854775808",
        "\"9223372036854775807\"",
        "\"+999999999-01-01T00:00:00Z\"",
        "\"-999999999-01-01T00:00:00Z\"",
        "\"0001-01-01T00:00:00Z\"",
        "{\"low\": 9223372036854775807}",
        "99999999999999",
        "\"\\u0000\""
      })
  void anEventOfAnAbsurdTimeHappenedNow(String time) {
    for (var kind : KINDS) {
      var lead = newLead("5562991230001");
      var answer =
          http.post(
              "/webhooks/" + kind,
              """
              {"event": "messages.upsert", "instance": "%s", %s "data": {"key": {"remoteJid": "5562991230001@s.whatsapp.net", "fromMe": false}, "messageTimestamp": %s}}
              """
                  .formatted(
                      instance,
                      kind.equals("fazer") ? "\"webhookVerifyToken\": \"x\"," : "",
                      time));

      assertThat(answer.status()).as(kind + answer.text()).isEqualTo(202);
      assertThat(messagesFor(lead)).as(kind).hasSize(1);
      assertThat(
              jdbc.sql(
                      "SELECT requested_at BETWEEN now() - interval '1 minute' AND now() FROM profile_pic.requests WHERE lead_id = ?")
                  .param(lead)
                  .query(Boolean.class)
                  .single())
          .as(kind)
          .isTrue();
      jdbc.sql("DELETE FROM public.leads WHERE id = ?::uuid").param(lead).update();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"state\": \"open\\u0000\"}",
        "{\"state\": \"open\", \"reason\": \"\\ud800\"}",
        "{\"state\": \"open\", \"reason\": \"a\\u0000b\"}",
        "{\"state\": \"open\", \"until\": \"+999999999-01-01T00:00:00Z\"}",
        "{\"state\": \"open\", \"until\": 9223372036854775807}",
        "{\"state\": \"restricted\", \"until\": \"-999999999-01-01T00:00:00Z\"}"
      })
  void aConnectionWithAnAbsurdFieldIsAnswered(String data) {
    for (var kind : new String[] {"auto", "baileys"}) {
      var answer =
          http.post(
              "/webhooks/" + kind,
              "{\"event\": \"connection.update\", \"instance_id\": \"%s\", \"timestamp\": \"+999999999-01-01T00:00:00Z\", \"data\": %s}"
                  .formatted(instance, data));

      assertThat(answer.status()).as(kind + answer.text()).isEqualTo(202);
    }
  }

  @Test
  void theEndOfAStateMayLieInTheFuture() {
    http.post(
        "/webhooks/baileys",
        "{\"event\": \"connection.update\", \"instance_id\": \"%s\", \"data\": {\"state\": \"restricted\", \"until\": \"2099-01-01T00:00:00Z\"}}"
            .formatted(instance));

    assertThat(
            jdbc.sql(
                    "SELECT restricted_until = '2099-01-01T00:00:00Z' FROM profile_pic.instances WHERE instance_id = ?")
                .param(instance)
                .query(Boolean.class)
                .single())
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\u0000", "\\ud800"})
  void textThatCannotBeStoredIsNamedByTheApi(String bad) {
    var lead = newLead("5562999212484");
    for (var field :
        new String[] {
          "\"profile_pic_url\": \"https://pps.whatsapp.net/a%s\"", "\"instance_id\": \"a%s\""
        }) {
      var answer =
          http.post(
              "/profile-pics",
              "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\", %s}"
                  .formatted(lead, field.formatted(bad)));

      assertThat(answer.status()).as(field + answer.text()).isEqualTo(400);
      assertThat(answer.json().path("errors").size()).isEqualTo(1);
    }
    assertThat(
            http.patch(
                    "/instances/" + instance,
                    "{\"quiet_hours\": {\"from\": \"22:00\", \"to\": \"07:00\", \"zone\": \"UTC%s\"}}"
                        .formatted(bad))
                .status())
        .isEqualTo(400);
  }
}
