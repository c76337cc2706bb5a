package dev.profilepic.receiver.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Http;
import dev.profilepic.receiver.support.ReceiverTest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The dead letters of a key that is bound to an instance, behind a crowd of others' letters. */
class BoundKeyLettersTest extends ReceiverTest {

  private static final int FOREIGN = 40_000;

  private final String instance = "own-" + UUID.randomUUID();
  private Http bound = new Http(0, null);

  @BeforeEach
  void ownLettersAreOlderThanACrowdOfForeignOnes() {
    jdbc.sql("DELETE FROM pgmq.q_profile_pic_dlq").update();
    bound = withKey(newKey("read,operate", instance));
    send(newLead("5562999212001", instance), "elsewhere", 1);
    send("no-such-lead", instance, 1);
    send("foreign", "elsewhere", FOREIGN);
    send(newLead("5562999212002", "elsewhere"), instance, 1);
  }

  @AfterEach
  void clean() {
    jdbc.sql("DELETE FROM pgmq.q_profile_pic_dlq").update();
  }

  @Test
  void theyAreListed() {
    var found = new ArrayList<String>();
    var path = "/dead-letters?limit=10";
    for (var next = path; next != null; ) {
      var answer = bound.get(next);
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      answer.json().path("items").forEach(item -> found.add(item.path("lead_id").asString()));
      next =
          answer.json().has("next")
              ? path + "&before=" + answer.json().path("next").asLong()
              : null;
    }

    assertThat(found).hasSize(2).startsWith("no-such-lead");
  }

  /** Neither is replayable: one names another instance than its lead's, one names no lead. */
  @Test
  void theyAreFoundForAReplay() {
    var answer = bound.post("/dead-letters/replay", "{\"all\": true}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().path("unreplayable").asInt()).as(answer.text()).isEqualTo(2);
  }

  @Test
  void theyAreCountedByReason() {
    var reasons =
        jdbc.sql("SELECT reason || letters FROM profile_pic.dead_letter_reasons(?::text[])")
            .param(new String[] {instance})
            .query(String.class)
            .list();

    assertThat(reasons).isEqualTo(List.of("NO_ANSWER2"));
  }

  private void send(String lead, String named, int count) {
    jdbc.sql(
            """
            INSERT INTO pgmq.q_profile_pic_dlq (vt, message)
            SELECT now(), jsonb_build_object(
              'lead_id', CASE WHEN :count > 1 THEN :lead || n ELSE :lead END, 'phone', '5562999212001',
              'instance_id', :named::text, 'error', jsonb_build_object('reason', 'NO_ANSWER'))
            FROM generate_series(1, :count) AS n
            """)
        .param("lead", lead)
        .param("named", named)
        .param("count", count)
        .update();
  }
}
