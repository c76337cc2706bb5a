package dev.profilepic.receiver.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class WebhookSamplesTest extends ReceiverTest {

  private static final AtomicInteger PEOPLE = new AtomicInteger();

  /**
   * A Brazilian mobile number of this test alone, without its ninth digit, as WhatsApp writes it.
   */
  private final String phone = "5562" + (96_000_000 + PEOPLE.incrementAndGet());

  private final String lid = "9876543" + (10_000_000 + PEOPLE.incrementAndGet());

  @ParameterizedTest
  @CsvSource({
    "whatsapp-web, whatsapp-web.upsert, usuario_1750643724731",
    "evolution, evolution.messages-upsert, usuario_1",
    "evolution, evolution.messages-upsert.lid, usuario_1",
    "evolution, evolution.contacts-update.array, usuario_1",
    "waha, waha.message, default",
    "baileys, baileys.messages-upsert, usuario_1",
  })
  void whoWritesGetsTheirLeadsPhotoLookedUp(String kind, String sample, String instance) {
    // The CRM writes the number as a person would, with the ninth digit.
    var lead = newLead("+55 (62) 9" + phone.substring(4, 8) + "-" + phone.substring(8));

    var answer = post(kind, sample(sample));

    assertThat(answer.path("status").asString()).isEqualTo("queued");
    assertThat(answer.path("events").asInt()).isEqualTo(1);
    assertThat(messagesFor(lead))
        .singleElement()
        .satisfies(message ->
            assertThat(message)
                .contains("\"phone\": \"" + phone + "\"")
                .contains("\"instance_id\": \"" + instance + "\"")
                .contains("\"profile_pic_url\": null", "\"sync_type\": \"webhook\""));
  }

  @Test
  void aLeadThatTheSenderNamesNeedsNoMatching() {
    var lead = newLead(null);

    var answer =
        post(
            "whatsapp-web",
            sample("whatsapp-web.flat").replace("7b1c9a52-6b5e-4c40-9d7e-5f3f1f1b2a10", lead));

    assertThat(answer.path("status").asString()).isEqualTo("queued");
    assertThat(messagesFor(lead)).hasSize(1);
  }

  @Test
  void aLivingLinkIsUsedAndADeadOneIsNot() {
    var lead = newLead(phone);
    var other = newLead(phone.substring(0, 4) + "9" + (97_000_000 + PEOPLE.incrementAndGet()));

    post("evolution", sample("evolution.contacts-update.object"));
    post(
        "evolution",
        sample("evolution.contacts-update.object")
            .replace("7FFFFFFF", "5FFFFFFF")
            .replace(phone, "5562" + phoneOf(other)));

    assertThat(messagesFor(lead)).singleElement().asString().contains("oe=7FFFFFFF");
    assertThat(messagesFor(other)).singleElement().asString().contains("\"profile_pic_url\": null");
  }

  @Test
  void aLinkThatArrivesWhileARequestIsPendingJoinsIt() {
    var lead = newLead(phone);

    assertThat(status(post("evolution", sample("evolution.messages-upsert")))).isEqualTo("queued");
    assertThat(status(post("evolution", sample("evolution.contacts-update.object"))))
        .isEqualTo("queued");

    assertThat(messagesFor(lead)).hasSize(1);
    assertThat(
            jdbc.sql("SELECT again_url FROM profile_pic.requests WHERE lead_id = ?")
                .param(lead)
                .query(String.class)
                .single())
        .contains("oe=7FFFFFFF");
  }

  @Test
  void aChangedPicturePassesTheDedupeOnce() {
    var lead = newLead(phone);
    stored(lead);

    assertThat(status(post("baileys", sample("baileys.messages-upsert")))).isEqualTo("duplicate");
    assertThat(status(post("baileys", sample("baileys.contacts-update")))).isEqualTo("queued");
    assertThat(status(post("baileys", sample("baileys.contacts-update")))).isEqualTo("duplicate");
    assertThat(messagesFor(lead)).singleElement().asString().contains("\"force_update\": true");
  }

  @Test
  void aChangeToThePictureThatWeHaveCostsNothing() {
    var lead = newLead(phone);
    stored(lead);
    jdbc.sql("UPDATE profile_pic.pictures SET source_id = '1718' WHERE lead_id = ?")
        .param(lead)
        .update();
    var told =
        sample("baileys.contacts-update")
            .replace("\"changed\"", "\"changed\", \"picture_id\": \"1718\"");

    assertThat(status(post("baileys", told))).isEqualTo("duplicate");
    assertThat(status(post("baileys", told.replace("1718", "1719")))).isEqualTo("queued");
  }

  @Test
  void somebodyUnderALidIsServedAsSoonAsTheirNumberIsKnown() {
    var lead = newLead(phone);
    var hidden =
        """
        {"event": "messages.upsert", "instance": "usuario_1",
         "data": {"key": {"remoteJid": "%s@lid", "fromMe": false, "id": "3EB0"}}}
        """
            .formatted(lid);

    assertThat(status(post("evolution", hidden))).isEqualTo("unmatched");
    assertThat(messagesFor(lead)).isEmpty();
    assertThat(status(post("evolution", sample("evolution.messages-upsert.lid"))))
        .isEqualTo("queued");
    jdbc.sql("DELETE FROM pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ?")
        .param(lead)
        .update();

    assertThat(status(post("evolution", hidden))).isEqualTo("queued");
    assertThat(
            jdbc.sql("SELECT count(*) FROM profile_pic.unmatched_events WHERE lid = ?")
                .param(lid)
                .query(Long.class)
                .single())
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "senderPn",
        "sender_pn",
        "remoteJidAlt",
        "previousRemoteJid",
        "participantPn",
        "phoneNumber"
      })
  void theNumberBehindALidMayStandInAnyField(String field) {
    var lead = newLead(phone);

    var answer =
        post(
            "evolution",
            """
            {"event": "MESSAGES_UPSERT", "instance": "usuario_1", "data": {"messages": [
              {"key": {"remoteJid": "%s:7@lid", "fromMe": false, "%s": "%s:3@s.whatsapp.net"}, "messageTimestamp": "1795348800"}]}}
            """
                .formatted(lid, field, phone));

    assertThat(status(answer)).isEqualTo("queued");
    assertThat(messagesFor(lead)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "evolution|{\"event\":\"messages.upsert\",\"data\":{\"key\":{\"remoteJid\":\"P@s.whatsapp.net\",\"fromMe\":true}}}",
        "evolution|{\"event\":\"connection.update\",\"data\":{\"state\":\"open\"}}",
        "evolution|{\"event\":\"messages.upsert\",\"data\":{\"key\":{\"remoteJid\":\"120363@g.us\",\"participantPn\":\"P@s.whatsapp.net\"}}}",
        "evolution|{\"event\":\"messages.upsert\",\"data\":{\"key\":{\"remoteJid\":\"status@broadcast\",\"participant\":\"P@s.whatsapp.net\"}}}",
        "evolution|{\"event\":\"messages.upsert\",\"data\":{\"key\":{\"remoteJid\":\"120363@newsletter\"}}}",
        "evolution|{\"event\":\"messages.upsert\",\"data\":{\"key\":{\"remoteJid\":\"5511999990000-1600000000@g.us\"}}}",
        "evolution|{\"event\":\"messages.upsert\",\"data\":null}",
        "evolution|{\"event\":17,\"data\":[1,2,null,[]]}",
        "waha|{\"event\":\"message\",\"session\":\"default\",\"payload\":{\"from\":\"P@c.us\",\"fromMe\":true}}",
        "waha|{\"event\":\"message\",\"payload\":{\"from\":\"120363@g.us\",\"participant\":\"P@c.us\"}}",
        "waha|{\"event\":\"session.status\",\"payload\":{\"status\":\"WORKING\"}}",
        "waha|{\"event\":\"message\",\"payload\":\"text\"}",
        "baileys|{\"event\":\"messages.upsert\",\"data\":[{\"jid\":\"P@s.whatsapp.net\",\"from_me\":true}]}",
        "baileys|{}",
        "whatsapp-web|{\"instanceId\":\"u\",\"from\":\"P@s.whatsapp.net\",\"fromMe\":true}",
        "whatsapp-web|{\"event\":\"qr\",\"phone\":\"P\"}",
        "whatsapp-web|{\"instanceId\":\"u\",\"from\":\"120363@g.us\"}",
      })
  void whatIsNotAPersonWritingToUsIsIgnored(String kind, String body) {
    newLead(phone);

    var answer = post(kind, body.replace("P@", phone + "@").replace("\"P\"", phone));

    assertThat(status(answer)).isEqualTo("ignored");
    assertThat(answer.path("events").asInt()).isZero();
  }

  @Test
  void severalMessagesInOneBodyAreSeveralEvents() {
    var first = newLead(phone);
    var second = newLead("5562" + (98_000_000 + PEOPLE.incrementAndGet()));

    var answer =
        post(
            "whatsapp-web",
            """
            {"event": "messages.upsert", "instanceId": "u", "data": {"messages": [
              {"key": {"remoteJid": "%s@s.whatsapp.net", "fromMe": false}},
              {"key": {"remoteJid": "5562%s@s.whatsapp.net", "fromMe": false}},
              {"key": {"remoteJid": "120363@g.us", "fromMe": false}},
              {"key": {"remoteJid": "5519%d@s.whatsapp.net", "fromMe": false}}]}}
            """
                .formatted(phone, phoneOf(second), 70_000_000 + PEOPLE.incrementAndGet()));

    assertThat(answer.path("events").asInt()).isEqualTo(3);
    assertThat(answer.path("queued").asInt()).isEqualTo(2);
    assertThat(answer.path("unmatched").asInt()).isEqualTo(1);
    assertThat(messagesFor(first)).hasSize(1);
    assertThat(messagesFor(second)).hasSize(1);
  }

  @Test
  void anotherInstancesLeadIsNotMeant() {
    var theirs = newLead(phone, "usuario_2");
    var ours = newLead(phone, "usuario_1");

    post("evolution", sample("evolution.messages-upsert"));

    assertThat(messagesFor(ours)).hasSize(1);
    assertThat(messagesFor(theirs)).isEmpty();
  }

  @Test
  void aSecretInABodyIsStoredNowhere() {
    var lead = newLead(phone);

    post(
        "evolution",
        sample("evolution.messages-upsert").replace("\"apikey\": null", "\"apikey\": \"s3cr3t\""));

    assertThat(messagesFor(lead)).singleElement().asString().doesNotContain("s3cr3t");
  }

  @Test
  void aKindThatNobodyKnowsIsNotFound() {
    assertThat(http.post("/webhooks/telegram", "{}").status()).isEqualTo(404);
    assertThat(http.post("/webhooks/waha", "[]").status()).isEqualTo(400);
  }

  private JsonNode post(String kind, String body) {
    var answer = http.post("/webhooks/" + kind, body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    assertThat(answer.json().path("success").asBoolean()).isTrue();
    return answer.json();
  }

  private static String status(JsonNode answer) {
    return answer.path("status").asString();
  }

  private void stored(String lead) {
    jdbc.sql(
            """
            INSERT INTO profile_pic.pictures (lead_id, phone, state, requested_at, checked_at, next_check_at)
            VALUES (?, ?, 'STORED', now() - interval '1 day', now(), now() + interval '7 days')
            """)
        .params(lead, phone)
        .update();
  }

  private String phoneOf(String lead) {
    var written =
        jdbc.sql("SELECT phone FROM public.leads WHERE id = ?::uuid")
            .param(lead)
            .query(String.class)
            .single();
    return written.substring(written.length() - 8);
  }

  private String sample(String name) {
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("/webhooks/" + name + ".json"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .replace("556299212484", phone)
          .replace("98765432101234", lid);
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
