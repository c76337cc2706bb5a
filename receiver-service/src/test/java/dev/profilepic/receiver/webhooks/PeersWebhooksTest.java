package dev.profilepic.receiver.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** Webhooks in the form that the code and documentation of gateways describe. */
class PeersWebhooksTest extends ReceiverTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final AtomicInteger PEOPLE = new AtomicInteger();

  private final String phone = "5562" + (92_000_000 + PEOPLE.incrementAndGet());
  private final String lid = "4444" + (10_000_000 + PEOPLE.incrementAndGet());

  @ParameterizedTest
  @CsvFileSource(resources = "/webhooks/peers.expected.csv", numLinesToSkip = 1, emptyValue = "")
  void isReadAsWhatItTells(
      String name, String kind, String instance, String people, String link, String changed) {
    var lead = newLead(phone);

    for (var path : new String[] {"/webhooks/auto", "/webhooks/" + kind}) {
      jdbc.sql("DELETE FROM pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ?")
          .param(lead)
          .update();
      var answer = http.post(path, body(name));

      assertThat(answer.status()).as(answer.text()).isEqualTo(202);
      assertThat(answer.json().path("kind").asString()).isEqualTo(kind);
      if (people.equals("nobody")) {
        assertThat(answer.json().path("status").asString()).isEqualTo("ignored");
        assertThat(messagesFor(lead)).isEmpty();
      } else if (people.contains("PHONE")) {
        assertThat(answer.json().path("status").asString()).isEqualTo("queued");
        var message = JSON.readTree(messagesFor(lead).getFirst());
        assertThat(message.path("phone").asString()).isEqualTo(phone);
        assertThat(message.path("instance_id").asString(""))
            .isEqualTo(Objects.requireNonNullElse(instance, ""));
        assertThat(message.path("profile_pic_url").asString(""))
            .contains(Objects.requireNonNullElse(link, ""))
            .matches(url -> link != null || url.isEmpty());
        assertThat(message.path("force_update").asBoolean()).isEqualTo(changed.equals("yes"));
      } else {
        assertThat(answer.json().path("status").asString()).isEqualTo("unmatched");
      }
      assertThat(knownNumber(Objects.requireNonNullElse(instance, "")))
          .isEqualTo(people.equals("PHONE LID") || name.contains("mapping") ? phone : "");
    }
  }

  @Test
  void wuzapisFormIsReadAsItsJsonIs() {
    var lead = newLead(phone);
    var form =
        "instanceName=ven%64as&jsonData="
            + URLEncoder.encode(withoutInstance(), StandardCharsets.UTF_8)
            + "&token=abc&userID=1";

    var answer =
        http.post("/webhooks/auto", form, "Content-Type", "application/x-www-form-urlencoded");

    assertThat(answer.json().path("status").asString()).as(answer.text()).isEqualTo("queued");
    assertThat(messagesFor(lead)).singleElement().asString().contains("\"vendas\"");
  }

  @Test
  void wuzapisFormWithAFileInItIsReadAsItsJsonIs() {
    var lead = newLead(phone);
    var form =
        """
        --b0\r
        Content-Disposition: form-data; name="file"; filename="a.jpg"\r
        Content-Type: image/jpeg\r
        \r
        \r\n--b\r\r\n--bX\r
        --b0\r
        Content-Disposition: form-data; name="instanceName"\r
        \r
        vendas\r
        --b0\r
        Content-Disposition: form-data; name="jsonData"\r
        \r
        %s\r
        --b0--\r
        """
            .formatted(withoutInstance());

    var answer =
        http.post("/webhooks/wuzapi", form, "Content-Type", "multipart/form-data; boundary=b0");

    assertThat(answer.json().path("status").asString()).as(answer.text()).isEqualTo("queued");
    assertThat(messagesFor(lead)).singleElement().asString().contains("\"vendas\"");
  }

  @Test
  void thePathMayNameTheEventThatTheBodyDoesNot() {
    var lead = newLead(phone);
    var body =
        "{\"instance\": \"vendas\", \"data\": {\"key\": {\"remoteJid\": \"%s@s.whatsapp.net\"}}}"
            .formatted(phone);

    var answer = http.post("/webhooks/evolution/messages-upsert", body);

    assertThat(answer.json().path("status").asString()).as(answer.text()).isEqualTo("queued");
    assertThat(messagesFor(lead)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"hosted, queued", "s.whatsapp.net, queued", "hosted.lid, unmatched", "bot, ignored"})
  void businessesOnMetasOwnDevicesArePeople(String server, String status) {
    newLead(phone);
    var body =
        "{\"event\": \"messages.upsert\", \"instance\": \"v\", \"data\": {\"key\": {\"remoteJid\": \"%s@%s\"}}}"
            .formatted(phone, server);

    assertThat(http.post("/webhooks/evolution", body).json().path("status").asString())
        .isEqualTo(status);
  }

  @Test
  void whatNobodyRecognisesIsCountedWithASampleThatTellsNothing() {
    var body =
        """
        {"event": "something.else", "secretly": "5562999212484", "5562999212484@c.us": {"name": "Maria"},
         "list": [1, 2, 3], "apikey": "s3cr3t"}
        """;
    long before = count("auto");

    var answer = http.post("/webhooks/auto", body);
    http.post("/webhooks/auto", body);

    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().path("status").asString()).isEqualTo("ignored");
    assertThat(answer.json().path("kind").isNull()).isTrue();
    assertThat(count("auto")).isEqualTo(before + 2);
    var listed = http.get("/webhooks/unrecognised").text();
    assertThat(listed)
        .contains("something.else", "secretly", "list")
        .doesNotContain("5562999212484", "Maria", "s3cr3t");
  }

  @Test
  void anEventThatIsKnownAndAboutNobodyIsNotUnrecognised() {
    long before = count("evolution");

    http.post("/webhooks/evolution", "{\"event\": \"connection.update\", \"instance\": \"v\"}");
    http.post("/webhooks/evolution", "{\"wrong\": true}");

    assertThat(count("evolution")).isEqualTo(before + 1);
  }

  private String withoutInstance() {
    return body("wuzapi.message").replace(", \"instanceName\": \"vendas\"", "");
  }

  private long count(String kind) {
    for (var item : http.get("/webhooks/unrecognised").json().path("items")) {
      if (item.path("kind").asString().equals(kind) && item.path("instance_id").isNull()) {
        return item.path("count").asLong();
      }
    }
    return 0;
  }

  private String knownNumber(String instance) {
    return jdbc.sql("SELECT phone FROM profile_pic.lids WHERE instance_id = ? AND lid = ?")
        .params(instance, lid)
        .query(String.class)
        .optional()
        .orElse("");
  }

  private String body(String name) {
    try (InputStream in =
        Objects.requireNonNull(
            getClass().getResourceAsStream("/webhooks/peers/" + name + ".json"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .replace("PHONE", phone)
          .replace("LID", lid);
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
