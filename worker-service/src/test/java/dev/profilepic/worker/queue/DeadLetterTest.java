package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeadLetterTest extends QueueTest {

  @Test
  void aReplayedDeadLetterIsTriedAgainWithNoAttemptsBehindIt() {
    var lead = fixture.lead();
    die(lead, "NO_ANSWER");

    assertThat(replay(null, null)).containsExactly("queued");

    var delivery = fixture.claimOne();
    assertThat(delivery.attempts()).isZero();
    assertThat(delivery.lead()).extracting(Delivery.Lead::id).isEqualTo(lead);
    assertThat(delivery.message()).doesNotContain("error");
    assertThat(fixture.count("pgmq.q_profile_pic_dlq")).isZero();
  }

  @Test
  void replayingTwiceIsHarmless() {
    die(fixture.lead(), "NO_ANSWER");

    replay(null, null);

    assertThat(replay(null, null)).isEmpty();
    assertThat(fixture.queued()).isEqualTo(1);
  }

  @Test
  void deadLettersAreReplayedByIdOrByReason() {
    die(fixture.lead(), "NO_ANSWER");
    die(fixture.lead(), "BAD_IMAGE");
    die(fixture.lead(), "BAD_IMAGE");

    assertThat(replay(null, "NO_ANSWER")).containsExactly("queued");
    long one = fixture.one(Long.class, "SELECT min(msg_id) FROM pgmq.q_profile_pic_dlq");
    assertThat(replay(one, null)).containsExactly("queued");

    assertThat(fixture.count("pgmq.q_profile_pic_dlq")).isEqualTo(1);
    assertThat(fixture.queued()).isEqualTo(2);
  }

  @Test
  void aRequestThatIsPendingAlreadyIsNotDoubled() {
    var lead = fixture.lead();
    die(lead, "NO_ANSWER");
    fixture.enqueue(lead);

    assertThat(replay(null, null)).containsExactly("duplicate");

    assertThat(fixture.queued()).isEqualTo(1);
  }

  @Test
  void whatNamesNoLeadStaysWhereItIs() {
    fixture.send("{\"lead_id\": \"no-such-lead\", \"phone\": \"5562999212484\"}");
    fixture.settle(Results.dead(fixture.claimOne(), "INVALID_MESSAGE"));
    fixture.send("[]");
    fixture.settle(Results.dead(fixture.claimOne(), "INVALID_MESSAGE"));

    assertThat(replay(null, null)).containsExactly("unreplayable");

    assertThat(fixture.count("pgmq.q_profile_pic_dlq")).isEqualTo(2);
    assertThat(fixture.queued()).isZero();
  }

  private void die(String lead, String reason) {
    fixture.enqueue(lead);
    fixture.settle(Results.dead(fixture.claimOne(), reason));
  }

  /** Replays dead letters, and returns the status of each. */
  private List<String> replay(@Nullable Long id, @Nullable String reason) {
    return fixture.jdbc.queryForList(
        "SELECT status FROM profile_pic.replay_dead_letters(?::bigint[], ?, 1000)",
        String.class,
        id == null ? null : "{" + id + "}",
        reason);
  }
}
