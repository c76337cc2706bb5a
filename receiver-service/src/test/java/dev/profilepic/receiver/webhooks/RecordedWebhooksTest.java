package dev.profilepic.receiver.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every recorded webhook of Evolution API 2.3.7 and fazer-ai/baileys-api 3.5.1, with the expected
 * result of reading it.
 */
@TestPropertySource(properties = "profile-pic.picture-urls.trusted-origins=http://127.0.0.1:53002")
class RecordedWebhooksTest extends ReceiverTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final AtomicInteger PEOPLE = new AtomicInteger();
  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

  @Autowired private WebhookReaders readers;

  record Row(
      String line,
      String kind,
      String instance,
      String phone,
      String lid,
      String link,
      String changed,
      String result,
      JsonNode recording) {

    @Override
    public String toString() {
      return line + " " + kind + " " + recording.at("/body/event").asString("");
    }
  }

  static List<Row> rows() {
    var recordings = lines("recorded.jsonl").stream().map(JSON::readTree).toList();
    var expected = lines("recorded.expected.csv");
    assertThat(expected).hasSize(recordings.size() + 1).hasSize(61);
    var rows = new ArrayList<Row>();
    for (int i = 0; i < recordings.size(); i++) {
      var cells = expected.get(i + 1).split(",", -1);
      rows.add(
          new Row(
              cells[0],
              cells[1],
              cells[2],
              cells[3],
              cells[4],
              cells[5],
              cells[6],
              cells[7],
              recordings.get(i)));
    }
    return rows;
  }

  @ParameterizedTest
  @MethodSource("rows")
  void isReadAsWhatItTells(Row row) {
    var body = row.recording().path("body");
    var kind = row.recording().path("path").asString("").split("/")[2];

    for (var path : List.of(kind, "auto")) {
      var reader = readers.of(path, body).orElseThrow();
      assertThat(reader.kind()).isEqualTo(row.kind());
      var reading = reader.read(body, NOW);
      assertThat(reading.mappings()).isEmpty();
      if (row.result().equals("ignored")) {
        assertThat(reading.people()).isEmpty();
        continue;
      }
      assertThat(reading.people()).hasSize(1);
      var person = reading.people().getFirst();
      assertThat(person.phone() == null ? "" : person.phone().digits()).isEqualTo(row.phone());
      assertThat(Objects.requireNonNullElse(person.lid(), "")).isEqualTo(row.lid());
      assertThat(Objects.requireNonNullElse(person.instanceId(), "")).isEqualTo(row.instance());
      assertThat(fileOf(person.pictureUrl())).isEqualTo(row.link());
      assertThat(person.pictureChanged() ? "yes" : "no").isEqualTo(row.changed());
      var sent =
          body.at("/data/messageTimestamp")
              .asLong(body.at("/data/messages/0/messageTimestamp").asLong(0));
      assertThat(person.at())
          .as("the message's own time or that of its arrival, never Evolution's date_time")
          .isEqualTo(sent > 0 ? Instant.ofEpochSecond(sent) : NOW);
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void isTakenWithTheKeyThatItsSenderCanSend(Row row) {
    var phone = "5562" + (91_000_000 + PEOPLE.incrementAndGet());
    var lead = newLead(phone);
    var lid = "7777" + (10_000_000 + PEOPLE.incrementAndGet());
    var body = row.recording().path("body").toString();
    body = row.phone().isEmpty() ? body : body.replace(row.phone(), phone);
    body = row.lid().isEmpty() ? body : body.replace(row.lid(), lid);
    var authorization = row.recording().at("/headers/authorization").asString("");

    var answer =
        authorization.isEmpty()
            ? withKey(null).post(row.recording().path("path").asString(""), body)
            : withKey(null)
                .post(
                    row.recording().path("path").asString(""),
                    body,
                    "Authorization",
                    authorization);

    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    assertThat(answer.json().path("status").asString()).isEqualTo(row.result());
    assertThat(answer.json().path("kind").asString()).isEqualTo(row.kind());
    if (row.result().equals("queued")) {
      var message = JSON.readTree(messagesFor(lead).getFirst());
      assertThat(message.path("phone").asString()).isEqualTo(phone);
      assertThat(message.path("instance_id").asString("")).isEqualTo(row.instance());
      assertThat(message.path("force_update").asBoolean()).isEqualTo(row.changed().equals("yes"));
      // The link is not checked: the recorded links have a fake network's expiry, which has passed.
    }
  }

  private static String fileOf(@org.jspecify.annotations.Nullable String url) {
    return url == null ? "" : url.substring(url.lastIndexOf('/') + 1).split("\\?", 2)[0];
  }

  private static List<String> lines(String resource) {
    var in =
        Objects.requireNonNull(
            RecordedWebhooksTest.class.getResourceAsStream("/webhooks/" + resource));
    try (var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
