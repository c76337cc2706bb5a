package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.fuzz.HostileMessages;
import dev.profilepic.fuzz.HostileMessages.HostileMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No message that a stranger writes into the queue stops another message, or skips a rule. */
class HostileMessagesTest extends QueueTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"returned\": \"abc\"}",
        "{\"attempts\": \"x\", \"returned\": {}}",
        "{\"attempts\": 1e400}",
        "{\"returned\": 999999999999999999999}",
        "{\"traceparent\": {\"a\": 1}}",
        "[1, 2]",
        "\"text\"",
        "null",
        "{\"slot\": true, \"lookup\": []}"
      })
  void headersOfAnyShapeStopNeitherClaimNorTheViewOfTheDepth(String headers) {
    var lead = fixture.lead();
    fixture.jdbc.queryForList(
        "SELECT pgmq.send('profile_pic_queue', jsonb_build_object('lead_id', ?::text, 'phone', '5562999212484'), ?::jsonb)",
        lead,
        headers);
    // A stranger's read makes the message look as if it had been delivered before.
    fixture.jdbc.queryForList("SELECT msg_id FROM pgmq.read('profile_pic_queue', 0, 1)");
    long good = fixture.enqueue(fixture.lead());

    var claimed = fixture.claim(10);

    assertThat(claimed).extracting(delivery -> delivery.lease().messageId()).contains(good);
    assertThat(claimed).hasSize(2).allSatisfy(it -> assertThat(it.attempts()).isZero());
    assertThat(fixture.jdbc.queryForMap("SELECT * FROM profile_pic.queue_depth"))
        .containsEntry("leased", 2L);
    fixture.settle(
        claimed.stream().map(it -> Results.dead(it, "BAD_IMAGE")).toArray(Settlement[]::new));
    assertThat(fixture.queued()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-infinity", "4000-01-01 BC", "infinity", "1970-01-01"})
  void aTimeThatNoCalendarKnowsStopsNobody(String due) {
    fixture.jdbc.queryForList(
        "SELECT pgmq.send('profile_pic_queue', '{\"lead_id\": \"x\"}'::jsonb, ?::timestamptz)",
        due);
    long good = fixture.enqueue(fixture.lead());
    fixture.queue.heal(0, 100);

    var claimed = fixture.claim(10);

    assertThat(claimed).hasSize(2).extracting(it -> it.lease().messageId()).contains(good);
  }

  @Test
  void aMessageThatIsTooLargeNeverReachesTheWorkerAndItsLetterKeepsWhatCanBeTold() {
    var lead = fixture.lead();
    fixture.jdbc.queryForList(
        "SELECT pgmq.send('profile_pic_queue', jsonb_build_object('lead_id', ?::text, 'phone', '5562999212484', 'x', repeat(md5('a'), 100000)))",
        lead);
    long good = fixture.enqueue(fixture.lead());

    var claimed = fixture.claim(10);

    assertThat(claimed).hasSize(2);
    var large =
        claimed.stream().filter(it -> it.lease().messageId() != good).findFirst().orElseThrow();
    assertThat(large.oversized()).isTrue();
    assertThat(large.message()).isNull();
    fixture.settle(Results.dead(large, "INVALID_MESSAGE"));
    assertThat(
            fixture.count(
                "pgmq.q_profile_pic_dlq WHERE message ->> 'lead_id' = ? AND (message ->> 'bytes')::int > 3000000 AND length(message ->> 'beginning') = 1024 AND pg_column_size(message) < 4000",
                lead))
        .isEqualTo(1);
  }

  @Test
  void aMessageThatOnlyLooksSmallBecauseItPacksWellIsTooLargeAsWell() {
    fixture.jdbc.queryForList(
        "SELECT pgmq.send('profile_pic_queue', jsonb_build_object('lead_id', 'x', 'phone', '5562999212484', 'x', repeat('a', 1000000)))");

    assertThat(fixture.claimOne().oversized()).isTrue();
  }

  @Test
  void thousandsOfMutatedMessagesAndHeadersHarmNoneOfTheirBatch() {
    var random = new Random(20_261_122);
    var messages = new HostileMessages(List.of(fixture.lead(), fixture.lead("fuzz")));
    var good = new ArrayList<Long>();
    for (int batch = 0; batch < 10; batch++) {
      var hostile = Stream.generate(() -> messages.next(random)).limit(200).toList();
      fixture.jdbc.update(connection -> {
        var insert =
            connection.prepareStatement(
                "INSERT INTO pgmq.q_profile_pic_queue (vt, message, headers) SELECT now(), m::jsonb, h::jsonb FROM unnest(?::text[], ?::text[]) AS u (m, h)");
        insert.setArray(
            1,
            connection.createArrayOf("text", hostile.stream().map(HostileMessage::body).toArray()));
        insert.setArray(
            2,
            connection.createArrayOf(
                "text", hostile.stream().map(HostileMessage::headers).toArray()));
        return insert;
      });
      good.add(fixture.enqueue(fixture.lead()));
    }

    var claimed = new ArrayList<Delivery>();
    List<Delivery> more;
    do {
      more = fixture.claim(500);
      claimed.addAll(more);
    } while (!more.isEmpty());

    assertThat(claimed).hasSize(2010);
    assertThat(claimed).extracting(it -> it.lease().messageId()).containsAll(good);
    assertThat(claimed).allSatisfy(it -> assertThat(it.attempts()).isZero());
  }

  @Test
  void aMessageWithoutALineAndALineWithoutAMessageHeal() {
    long message = fixture.enqueue(fixture.lead());
    fixture.jdbc.update("DELETE FROM profile_pic.waiting");
    fixture.jdbc.update(
        "INSERT INTO profile_pic.waiting VALUES (999999, 'demo', true, now() - interval '1 hour')");
    assertThat(fixture.claim(5)).isEmpty();

    fixture.queue.heal(0, 1000);

    assertThat(fixture.claimOne().lease().messageId()).isEqualTo(message);
    assertThat(fixture.count("profile_pic.waiting")).isZero();
  }
}
