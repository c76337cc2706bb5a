package dev.profilepic.receiver.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.QueueHand;
import dev.profilepic.receiver.support.ReceiverTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several leads with one phone are served by one lookup. */
class SiblingsTest extends ReceiverTest {

  private static final AtomicInteger PEOPLE = new AtomicInteger();

  private final String phone = "5562" + (95_000_000 + PEOPLE.incrementAndGet());
  private final List<String> leads = new ArrayList<>();

  @BeforeEach
  void threeLeadsOfOnePersonWrite() {
    for (int i = 0; i < 3; i++) {
      leads.add(newLead(phone));
    }
    var answer =
        http.post(
            "/webhooks/evolution",
            """
            {"event": "messages.upsert", "instance": "u", "data": {"key": {"remoteJid": "%s@s.whatsapp.net"}}}
            """
                .formatted(phone));
    assertThat(answer.json().path("queued").asInt()).isEqualTo(3);
  }

  @Test
  void onlyOneOfThemMayStart() {
    assertThat(ready()).hasSize(1);
  }

  @Test
  void aPhotoThatWasFoundIsHandedOnAsItsLink() {
    var first = ready().getFirst();
    var link = "https://pps.whatsapp.net/v/1_n.jpg?oe=7FFFFFFF";

    new QueueHand(jdbc)
        .settle(first, "STORED", Map.of("source_url", link, "sha256", "ab".repeat(32)));

    assertThat(ready()).hasSize(2).doesNotContain(first);
    for (var other : ready()) {
      assertThat(messagesFor(other)).hasSize(1);
      assertThat(
              jdbc.sql("SELECT again_url FROM profile_pic.requests WHERE lead_id = ?")
                  .param(other)
                  .query(String.class)
                  .single())
          .isEqualTo(link);
    }
  }

  @Test
  void noPhotoIsAnAnswerForAllOfThem() {
    new QueueHand(jdbc).settle(ready().getFirst(), "NOT_SET");

    for (var lead : leads) {
      assertThat(messagesFor(lead)).isEmpty();
      var picture = http.get("/leads/" + lead + "/profile-pic").json();
      assertThat(picture.path("state").asString()).isEqualTo("NOT_SET");
      assertThat(picture.path("next_check_at").isNull()).isFalse();
    }
  }

  @Test
  void aLeadThatHasAPhotoIsLookedAtForItself() {
    var first = ready().getFirst();
    var withPhoto = leads.stream().filter(lead -> !lead.equals(first)).findFirst().orElseThrow();
    jdbc.sql("UPDATE profile_pic.pictures SET storage_key = 'k' WHERE lead_id = ?")
        .param(withPhoto)
        .update();

    new QueueHand(jdbc).settle(first, "NOT_SET");

    assertThat(ready()).containsExactly(withPhoto);
  }

  @Test
  void aFailureAnswersForNobodyElse() {
    new QueueHand(jdbc).settle(ready().getFirst(), "NO_ANSWER");

    assertThat(leads.stream().filter(lead -> messagesFor(lead).size() == 1)).hasSize(2);
  }

  private List<String> ready() {
    return jdbc.sql(
            """
            SELECT q.message ->> 'lead_id' FROM pgmq.q_profile_pic_queue AS q
            JOIN profile_pic.waiting AS w ON w.msg_id = q.msg_id WHERE q.message ->> 'phone' = ?
            """)
        .param(phone)
        .query(String.class)
        .list();
  }
}
