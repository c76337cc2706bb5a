package dev.profilepic.receiver.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** People under a LID: their numbers, and events from before the numbers were known. */
class LidsTest extends ReceiverTest {

  private static final AtomicInteger PEOPLE = new AtomicInteger();
  private static final String LINK = "https://pps.whatsapp.net/v/t61/lid_n.jpg?oe=7FFFFFFF";

  private final String phone = "5562" + (93_000_000 + PEOPLE.incrementAndGet());
  private final String other = "5562" + (93_000_000 + PEOPLE.incrementAndGet());
  private final String lid = "3333" + (10_000_000 + PEOPLE.incrementAndGet());

  @Autowired private KeptEvents keptEvents;

  @Test
  void aLinkThatCameBeforeTheNumberIsUsedWhenAMappingTellsIt() {
    var lead = newLead(phone);

    assertThat(contact("a", lid + "@lid", LINK)).isEqualTo("unmatched");
    assertThat(mapping("a", phone)).isEqualTo("queued");

    assertThat(messagesFor(lead)).singleElement().asString().contains("lid_n.jpg");
    assertThat(mapping("a", phone)).as("and it is served once").isEqualTo("ignored");
  }

  @Test
  void aNumberThatALookupTaughtServesWhatWasKept() {
    var lead = newLead(phone);
    contact("a", lid + "@lid", LINK);

    learn("a", phone, "asked", "0 s");
    keptEvents.serve();

    assertThat(messagesFor(lead)).singleElement().asString().contains("lid_n.jpg");
    assertThat(kept()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {65, 20_000})
  void anInstanceThatCouldBeNoneIsRefusedAndNamed(int length) {
    var answer =
        http.post(
            "/webhooks/evolution",
            "{\"event\": \"contacts.update\", \"instance\": \"%s\", \"data\": {\"remoteJid\": \"%s@lid\"}}"
                .formatted("i".repeat(length), lid));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("must be 1 to 64 letters").doesNotContain("iiii");
    assertThat(kept()).isZero();
  }

  @Test
  void oneInstanceNeitherChangesNorHearsWhatAnotherWasTold() {
    var lead = newLead(phone);
    mapping("a", phone);

    contact("b", lid + "@lid", null);
    mapping("b", other);

    assertThat(messagesFor(lead)).isEmpty();
    assertThat(known("a")).isEqualTo(phone);
    assertThat(known("b")).isEqualTo(other);
    assertThat(contact("a", lid + "@lid", null)).isEqualTo("queued");
  }

  @Test
  void whatOneInstanceKeptIsNotServedForAnother() {
    var lead = newLead(phone);
    contact("a", lid + "@lid", LINK);

    mapping("b", phone);
    keptEvents.serve();

    assertThat(messagesFor(lead)).isEmpty();
    assertThat(kept()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "message, 1 h, mapping, 0 s, yes",
    "mapping, 1 h, mapping, 0 s, yes",
    "mapping, 0 s, mapping, 1 h, no",
    "mapping, 1 h, message, 0 s, no",
    "message, 1 h, beside, 0 s, no",
    "beside, 1 h, message, 0 s, yes",
    "mapping, 1 h, asked, 0 s, yes",
    "asked, 1 h, mapping, 0 s, no",
    "message, 0 s, asked, 1 h, no",
    "mapping, 1 h, beside, 0 s, no",
    "asked, 1 h, asked, 0 s, yes",
    "beside, 1 h, beside, 0 s, yes",
  })
  void aNumberGivesWayToOneThatIsNewerAndAsGood(
      String first, String firstAge, String second, String secondAge, String replaced) {
    learn("a", phone, first, firstAge);
    learn("a", other, second, secondAge);

    assertThat(known("a")).isEqualTo(replaced.equals("yes") ? other : phone);
  }

  @Test
  void aNumberBesideAMessageNeverOverrulesTheMessagesOwn() {
    var lead = newLead(phone);
    var wrong = newLead(other);

    upsert(
        "{\"remoteJid\": \"%s@lid\", \"senderPn\": \"%s@s.whatsapp.net\"}".formatted(lid, phone));
    upsert("{\"remoteJid\": \"%s@lid\"}".formatted(lid));

    assertThat(messagesFor(lead)).hasSize(1);
    assertThat(messagesFor(wrong)).isEmpty();
    assertThat(known("a")).isEqualTo(phone);
  }

  @Test
  void aRowOfDigitsThatIsTooShortToBeALidNamesNobody() {
    assertThat(contact("a", "1234567@lid", LINK)).isEqualTo("ignored");
    assertThat(contact("a", "1234567:3@hosted.lid", LINK)).isEqualTo("ignored");
  }

  private void upsert(String key) {
    http.post(
        "/webhooks/whatsapp-web",
        """
        {"event": "messages.upsert", "instanceId": "a", "phone": "%s", "data": {"messages": [{"key": %s}]}}
        """
            .formatted(other, key));
  }

  private String contact(
      String instance, String jid, @org.jspecify.annotations.Nullable String link) {
    return status(
        """
        {"event": "contacts.update", "instance": "%s", "data": [{"remoteJid": "%s", "profilePicUrl": %s}]}
        """
            .formatted(instance, jid, link == null ? "null" : "\"" + link + "\""));
  }

  private String mapping(String instance, String number) {
    return status(
        """
        {"event": "lid-mapping.update", "instance": "%s", "data": [{"lid": "%s@lid", "pn": "%s@s.whatsapp.net"}]}
        """
            .formatted(instance, lid, number));
  }

  private String status(String body) {
    var answer = http.post("/webhooks/evolution", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    return answer.json().path("status").asString();
  }

  private void learn(String instance, String number, String source, String age) {
    jdbc.sql(
            "SELECT profile_pic.learn_lids(ARRAY[?], ARRAY[?], ARRAY[?], ARRAY[?], ARRAY[now() - ?::interval])")
        .params(instance, lid, number, source, age)
        .query(Integer.class)
        .single();
  }

  private String known(String instance) {
    return jdbc.sql("SELECT phone FROM profile_pic.lids WHERE instance_id = ? AND lid = ?")
        .params(instance, lid)
        .query(String.class)
        .single();
  }

  private long kept() {
    return jdbc.sql("SELECT count(*) FROM profile_pic.unmatched_events WHERE lid = ?")
        .param(lid)
        .query(Long.class)
        .single();
  }
}
