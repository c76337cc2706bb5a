package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;

/** A result is settled once, by the holder of the lease, and decides the end of its message. */
class SettleTest extends QueueTest {

  private static final byte[] BYTES = {1, 2, 3};

  @Test
  void aStoredPhotoIsOnTheLeadInTheStateInTheHistoryAndTheMessageIsGone() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    var delivery = fixture.claimOne();

    assertThat(fixture.settle(Results.stored(delivery, "aa", BYTES)))
        .containsExactly(delivery.lease().messageId());

    assertThat(fixture.leadRow(lead))
        .containsEntry("profile_pic_url", Results.link(lead, "aa"))
        .containsEntry("profile_pic_storage_path", "avatars/aa");
    assertThat(fixture.picture(lead))
        .containsEntry("state", "STORED")
        .containsEntry("reason", "STORED")
        .containsEntry("sha256", "aa")
        .containsEntry("source_id", "id-aa");
    assertThat(fixture.request(lead)).containsEntry("message_id", null);
    assertThat(
            fixture.one(
                byte[].class,
                "SELECT bytes FROM profile_pic.avatars WHERE storage_key = 'avatars/aa'"))
        .isEqualTo(BYTES);
    assertThat(fixture.count("profile_pic.picture_history WHERE outcome = 'STORED'")).isEqualTo(1);
    assertThat(fixture.queued()).isZero();
  }

  @Test
  void aResultWhoseLeaseWasTakenOverChangesNothing() {
    var lead = fixture.lead();
    long message = fixture.enqueue(lead);
    var late = fixture.claimOne();
    fixture.expireLease(message);
    var current = fixture.claimOne();

    assertThat(fixture.settle(Results.stored(late, "aa", BYTES))).isEmpty();
    assertThat(fixture.settle(Results.retry(late, Duration.ZERO))).isEmpty();
    assertThat(fixture.settle(Results.dead(late, "BAD_IMAGE"))).isEmpty();

    assertThat(fixture.picture(lead)).containsEntry("state", "PENDING");
    assertThat(fixture.leadRow(lead)).containsEntry("profile_pic_url", null);
    assertThat(fixture.settle(Results.stored(current, "bb", BYTES))).containsExactly(message);
    assertThat(fixture.count("profile_pic.picture_history")).isEqualTo(1);
    assertThat(fixture.count("pgmq.q_profile_pic_dlq")).isZero();
  }

  @Test
  void settlingAgainWhatWasCommittedChangesNothing() {
    fixture.enqueue(fixture.lead());
    fixture.enqueue(fixture.lead());
    var deliveries = fixture.claim(2);
    var stored = Results.stored(deliveries.get(0), "aa", BYTES);
    var retried = Results.retry(deliveries.get(1), Duration.ofMinutes(5));
    fixture.settle(stored, retried);
    var before =
        fixture.jdbc.queryForList(
            "SELECT msg_id, vt, read_ct, headers::text FROM pgmq.q_profile_pic_queue");

    assertThat(fixture.settle(stored, retried)).isEmpty();

    assertThat(
            fixture.jdbc.queryForList(
                "SELECT msg_id, vt, read_ct, headers::text FROM pgmq.q_profile_pic_queue"))
        .isEqualTo(before);
    assertThat(fixture.count("profile_pic.picture_history")).isEqualTo(1);
  }

  @Test
  void rowsThatOthersMoveWhileASettleWaitsForThemAreStillSettled() throws Exception {
    var lead = fixture.lead();
    long message = fixture.enqueue(lead);
    var result = Results.stored(fixture.claimOne(), "aa", BYTES);

    try (var other = DriverManager.getConnection(fixture.jdbcUrl())) {
      other.setAutoCommit(false);
      try (var statement = other.createStatement()) {
        // A heartbeat and another request do the same.
        statement.execute(
            "UPDATE pgmq.q_profile_pic_queue SET vt = vt + interval '1 s' WHERE msg_id = "
                + message);
        statement.execute("UPDATE profile_pic.requests SET again_forced = again_forced");
      }
      var settled = CompletableFuture.supplyAsync(() -> settlePatiently(result));
      await().until(() -> fixture.count("pg_locks WHERE NOT granted") > 0);
      other.commit();

      assertThat(settled.get()).containsExactly(message);
    }

    assertThat(fixture.queued()).isZero();
    assertThat(fixture.picture(lead)).containsEntry("state", "STORED");
    assertThat(fixture.leadRow(lead)).containsEntry("profile_pic_url", Results.link(lead, "aa"));
  }

  /**
   * Settles again and again, as the settler does, because a settle waits only briefly for a lock.
   */
  private Set<Long> settlePatiently(Settlement result) {
    while (true) {
      try {
        return fixture.settle(result);
      } catch (DataAccessException locked) {
        assertThat(locked.getMostSpecificCause())
            .isInstanceOfSatisfying(
                SQLException.class, cause -> assertThat(cause.getSQLState()).isEqualTo("55P03"));
      }
    }
  }

  @Test
  void anArchivedMessageLeavesTheQueueForTheArchiveUnlessItsPersonWasErased() {
    fixture.enqueue(fixture.lead());
    fixture.enqueue(fixture.lead());
    var deliveries = fixture.claim(2);

    fixture.queue.settle(
        List.of(
            Results.stored(deliveries.get(0), "aa", BYTES),
            Results.complete(deliveries.get(1), "ERASED")),
        "test",
        true);

    assertThat(fixture.queued()).isZero();
    assertThat(fixture.jdbc.queryForList("SELECT msg_id FROM pgmq.a_profile_pic_queue", Long.class))
        .containsExactly(deliveries.get(0).lease().messageId());
  }

  @Test
  void aRawMessageOfALeadWithoutARowIsSettledAsAnyOther() {
    var lead = fixture.lead();
    fixture.send("{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead));
    fixture.jdbc.update("DELETE FROM profile_pic.pictures");

    fixture.settle(Results.stored(fixture.claimOne(), "aa", BYTES));

    assertThat(fixture.picture(lead)).containsEntry("state", "STORED");
    assertThat(fixture.count("profile_pic.picture_history")).isEqualTo(1);
  }

  @Test
  void aRetryCountsAnAttemptAndComesBackAfterItsDelay() {
    var lead = fixture.lead();
    long message = fixture.enqueue(lead);

    fixture.settle(Results.retry(fixture.claimOne(), Duration.ofMinutes(5)));

    assertThat(fixture.claim(1)).isEmpty();
    assertThat(
            fixture.count(
                "pgmq.q_profile_pic_queue WHERE vt BETWEEN now() + interval '4 min' AND now() + interval '6 min'"))
        .isEqualTo(1);
    assertThat(fixture.picture(lead))
        .containsEntry("state", "PENDING")
        .containsEntry("reason", "NO_ANSWER")
        .containsEntry("attempts", 1)
        .containsEntry("last_error", "silence");
    assertThat(fixture.request(lead)).containsEntry("message_id", message);
    fixture.makeDue(message);
    var again = fixture.claimOne();
    assertThat(again.attempts()).isEqualTo(1);
    assertThat(again.deliveries()).as("given back on purpose, so counted anew").isEqualTo(1);
  }

  @Test
  void aDeferralCountsNothingAndPausesTheInstanceWhenToldTo() {
    long message = fixture.enqueue(fixture.lead());

    fixture.settle(Results.throttled(fixture.claimOne(), Duration.ofMinutes(3)));

    assertThat(
            fixture.count(
                "profile_pic.instances WHERE instance_id = 'demo' AND paused_until > now() + interval '2 min' AND pause_reason = 'THROTTLED'"))
        .isEqualTo(1);
    fixture.jdbc.update("UPDATE profile_pic.instances SET paused_until = '-infinity'");
    fixture.makeDue(message);
    assertThat(fixture.claimOne().attempts()).isZero();
  }

  @Test
  void aDeadLetterIsTheOriginalMessageWithItsReason() {
    var lead = fixture.lead();
    fixture.enqueue(Map.of("lead_id", lead, "phone", "5562999212484", "traceparent", "00-a-b-01"));

    fixture.settle(Results.dead(fixture.claimOne(), "BAD_IMAGE"));

    assertThat(fixture.queued()).isZero();
    assertThat(
            fixture.count(
                """
                pgmq.q_profile_pic_dlq WHERE message ->> 'lead_id' = ? AND message ->> 'phone' = '5562999212484'
                  AND message -> 'error' ->> 'reason' = 'BAD_IMAGE' AND message -> 'error' ->> 'detail' = 'because'
                  AND message -> 'error' ->> 'attempts' = '0' AND message -> 'error' ->> 'worker' = 'test'
                  AND message -> 'error' ->> 'first_seen' IS NOT NULL AND message -> 'error' ->> 'failed_at' IS NOT NULL
                  AND headers ->> 'traceparent' = '00-a-b-01'
                """,
                lead))
        .isEqualTo(1);
    assertThat(fixture.picture(lead))
        .containsEntry("state", "FAILED")
        .containsEntry("reason", "BAD_IMAGE");
  }

  @Test
  void aMessageThatIsNoObjectIsKeptWholeAmongTheDeadLetters() {
    fixture.send("[1, 2]");

    fixture.settle(Results.dead(fixture.claimOne(), "INVALID_MESSAGE"));

    assertThat(
            fixture.count(
                "pgmq.q_profile_pic_dlq WHERE message -> 'original' = '[1, 2]' AND message -> 'error' ->> 'reason' = 'INVALID_MESSAGE'"))
        .isEqualTo(1);
  }

  @Test
  void anOlderEventNeverOverwritesANewerOne() {
    var lead = fixture.lead();
    fixture.send("{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead));
    var older = fixture.claimOne();
    fixture.send("{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead));
    var newer = fixture.claimOne();

    fixture.settle(Results.stored(newer, "bb", BYTES));
    assertThat(fixture.settle(Results.stored(older, "aa", BYTES))).hasSize(1);

    assertThat(fixture.picture(lead)).containsEntry("sha256", "bb");
    assertThat(fixture.leadRow(lead)).containsEntry("profile_pic_url", Results.link(lead, "bb"));
    assertThat(fixture.count("profile_pic.picture_history")).isEqualTo(1);
    assertThat(fixture.queued()).isZero();
  }

  @Test
  void twoResultsForOneLeadInOneGroupKeepTheNewer() {
    var lead = fixture.lead();
    fixture.send("{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead));
    fixture.send("{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead));
    var both = fixture.claim(2);

    fixture.settle(
        Results.stored(both.get(1), "bb", BYTES, both.get(1).enqueuedAt().plusSeconds(2)),
        Results.stored(both.get(0), "aa", BYTES, both.get(0).enqueuedAt()));

    assertThat(fixture.picture(lead)).containsEntry("sha256", "bb");
    assertThat(fixture.queued()).isZero();
  }

  @Test
  void oneSettleMayHoldEveryKindOfResult() {
    for (int i = 0; i < 4; i++) {
      fixture.enqueue(fixture.lead());
    }
    var four = fixture.claim(4);

    var settled =
        fixture.settle(
            Results.stored(four.get(0), "aa", BYTES),
            Results.complete(four.get(1), "HIDDEN"),
            Results.retry(four.get(2), Duration.ofMinutes(1)),
            Results.dead(four.get(3), "UNSAFE_URL"));

    assertThat(settled).hasSize(4);
    assertThat(fixture.queued()).isEqualTo(1);
    assertThat(fixture.count("pgmq.q_profile_pic_dlq")).isEqualTo(1);
    assertThat(fixture.count("profile_pic.picture_history")).isEqualTo(3);
  }
}
