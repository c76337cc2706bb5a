package dev.profilepic.receiver.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Evolution 2.3.7 says that it has no picture of a person. It does so at once when the picture was
 * removed, and for other reasons too.
 */
class MissingPicturesTest extends ReceiverTest {

  private static final String REMOVED =
      "{\"event\": \"contacts.update\", \"instance\": \"vendas\", \"data\": [%s]}";
  private static final AtomicInteger PEOPLE = new AtomicInteger();

  private final String phone = "5562" + (93_000_000 + PEOPLE.incrementAndGet());

  @Test
  void aPhotoThatMayHaveBeenRemovedIsLookedAtAgain() {
    var lead = leadWithPhoto("2 hours");

    assertThat(tell(REMOVED.formatted(contact("")))).isEqualTo("queued");
    assertThat(messagesFor(lead)).singleElement().asString().contains("\"force_update\": true");
  }

  @Test
  void aGatewayThatFailsIsNotBelievedWithEveryMessage() {
    var lead = leadWithPhoto("9 minutes");

    assertThat(tell(REMOVED.formatted(contact("")))).isEqualTo("duplicate");
    assertThat(messagesFor(lead)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"NOT_SET", "HIDDEN", "UNKNOWN"})
  void aLeadWithoutPhotoIsNotLookedAtForIt(String state) {
    var lead = leadWithPhoto("2 hours");
    jdbc.sql("UPDATE profile_pic.pictures SET state = ?, checked_at = now() WHERE lead_id = ?")
        .params(state, lead)
        .update();

    assertThat(tell(REMOVED.formatted(contact("")))).isEqualTo("duplicate");
  }

  /**
   * After pairing, Evolution sends such a list of all people when WhatsApp stops answering its
   * requests.
   */
  @Test
  void aListWithNamesSaysNothing() {
    leadWithPhoto("2 hours");

    assertThat(tell(REMOVED.formatted(contact(", \"pushName\": \"Ana\"")))).isEqualTo("duplicate");
    var many = REMOVED.formatted(contact(", \"pushName\": \"Ana\"") + others(400));
    assertThat(tell(many)).as("beyond the names that are kept").isEqualTo("duplicate");
    var last = REMOVED.formatted(others(400).substring(1) + "," + contact(", \"pushName\": \"A\""));
    assertThat(tell(last)).isEqualTo("duplicate");
  }

  @ParameterizedTest
  @CsvSource({"contacts.upsert, true", "contacts.update, false"})
  void norDoesAnotherEventOrTheOneAfterAMessage(String event, boolean list) {
    leadWithPhoto("2 hours");
    var contact = contact("");

    assertThat(
            tell(
                "{\"event\": \"%s\", \"instance\": \"vendas\", \"data\": %s}"
                    .formatted(event, list ? "[" + contact + "]" : contact)))
        .isEqualTo("duplicate");
  }

  private String tell(String body) {
    var answer = http.post("/webhooks/evolution", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    return answer.json().path("status").asString();
  }

  private String contact(String more) {
    return "{\"remoteJid\": \"%s@s.whatsapp.net\", \"profilePicUrl\": null%s, \"instanceId\": \"x\"}"
        .formatted(phone, more);
  }

  /** Returns contacts of unknown people. */
  private static String others(int count) {
    var others = new StringBuilder();
    for (int i = 0; i < count; i++) {
      others.append(
          ",{\"remoteJid\": \"%d@s.whatsapp.net\", \"pushName\": \"B\", \"profilePicUrl\": null, \"instanceId\": \"x\"}"
              .formatted(4_900_000_000L + i));
    }
    return others.toString();
  }

  private String leadWithPhoto(String checked) {
    var lead = newLead(phone);
    jdbc.sql(
            """
            INSERT INTO profile_pic.pictures (lead_id, phone, state, reason, sha256, storage_key, requested_at, checked_at, next_check_at)
            VALUES (?, ?, 'STORED', 'STORED', repeat('ab', 32), 'k', now() - ?::interval, now() - ?::interval, now() + interval '7 days')
            """)
        .params(lead, phone, checked, checked)
        .update();
    return lead;
  }
}
