package dev.profilepic.worker.pictures;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.worker.pictures.Outcome.Answer;
import dev.profilepic.worker.pictures.Outcome.Failure;
import dev.profilepic.worker.pictures.Outcome.Reason;
import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.Disposition;
import dev.profilepic.worker.queue.Disposition.Complete;
import dev.profilepic.worker.queue.Disposition.Dead;
import dev.profilepic.worker.queue.Disposition.Defer;
import dev.profilepic.worker.queue.Disposition.GiveBack;
import dev.profilepic.worker.queue.Disposition.Retry;
import dev.profilepic.worker.queue.Lease;
import dev.profilepic.worker.queue.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  private final PictureProperties policy =
      new PictureProperties(
          5,
          20,
          Duration.ofHours(24),
          Duration.ofSeconds(30),
          Duration.ofHours(1),
          Duration.ofDays(7),
          Duration.ofDays(14),
          Duration.ofDays(3),
          Duration.ofDays(13),
          Duration.ofDays(30));

  private final RetryPolicy policyOf =
      new RetryPolicy(
          policy,
          new Backoff(
              policy.backoffBase(), policy.backoffCap(), RandomGenerator.of("L64X128MixRandom")),
          () -> NOW);

  private final Outcome.Source source =
      new Outcome.Source("https://pps.whatsapp.net/x.jpg", "1", null);

  @Test
  void whatIsKnownForSureEndsTheMessageAndIsLookedAtAgain() {
    assertThat(policyOf.of(new Outcome.Unchanged(source), delivery(0, null)))
        .isEqualTo(new Complete(Duration.ofDays(7)));
    assertThat(policyOf.of(new Outcome.Answered(Answer.NOT_SET, null), delivery(3, null)))
        .isEqualTo(new Complete(Duration.ofDays(14)));
    assertThat(policyOf.of(new Outcome.Answered(Answer.HIDDEN, null), delivery(0, null)))
        .isEqualTo(new Complete(Duration.ofDays(14)));
    assertThat(policyOf.of(new Outcome.Answered(Answer.NOT_ON_WHATSAPP, null), delivery(0, null)))
        .isEqualTo(new Complete(Duration.ofDays(30)));
    assertThat(
            policyOf.of(new Outcome.Answered(Answer.HIDDEN_WITHOUT_TOKEN, null), delivery(0, null)))
        .isEqualTo(new Complete(Duration.ofDays(3)));
    assertThat(policyOf.of(new Outcome.Answered(Answer.UNKNOWN, null), delivery(0, null)))
        .isEqualTo(new Complete(Duration.ofDays(13)));
  }

  @Test
  void throttlingPausesTheInstanceForAsLongAsWasAskedAndCountsNothing() {
    var rest = Duration.ofSeconds(90);

    var follows = policyOf.of(new Outcome.Throttled(rest), delivery(2, null));

    assertThat(follows).isEqualTo(new Defer(rest, null, rest, true));
    assertThat(attempts(delivery(2, null), follows)).isEqualTo(2);
  }

  @Test
  void transientFailuresCountAndBackOffUntilTheLastAttempt() {
    for (var outcome :
        List.of(
            new Outcome.Failed(Failure.NO_ANSWER, null),
            new Outcome.Failed(Failure.DOWNLOAD_FAILED, "why"),
            new Outcome.Failed(Failure.URL_EXPIRED, "why"))) {
      var third = policyOf.of(outcome, delivery(2, null));
      assertThat(attempts(delivery(2, null), third)).isEqualTo(3);
      assertThat(third)
          .isInstanceOfSatisfying(
              Retry.class,
              retry -> assertThat(retry.delay()).isBetween(Duration.ZERO, Duration.ofSeconds(120)));

      assertThat(policyOf.of(outcome, delivery(4, null))).isEqualTo(new Dead(5));
    }
  }

  @Test
  void anOutageCountsNothingUntilItHasLastedTooLong() {
    for (var who : Outcome.Down.Who.values()) {
      var down = new Outcome.Down(who, "why");
      var delivery = delivery(1, NOW.minus(Duration.ofHours(23)));
      var follows = policyOf.of(down, delivery);
      assertThat(attempts(delivery, follows)).isEqualTo(1);
      assertThat(follows)
          .isInstanceOfSatisfying(
              Defer.class,
              deferral -> assertThat(deferral.downSince()).isEqualTo(delivery.downSince()));
      var longer = policyOf.of(down, delivery(1, NOW.minus(Duration.ofHours(25))));
      if (who == Outcome.Down.Who.STORE_DOWN) {
        assertThat(longer).as("our own bucket is waited for").isInstanceOf(Defer.class);
      } else {
        assertThat(longer).isEqualTo(new Dead(1));
      }
    }
  }

  @Test
  void timeInLineIsNoOutage() {
    var old =
        new Delivery(
            new Lease(1, 1),
            1,
            0,
            null,
            NOW.minus(Duration.ofDays(40)),
            NOW,
            "{}",
            false,
            null,
            "demo",
            null,
            true,
            new Delivery.Joined(false, null, null),
            () -> true);

    var follows = policyOf.of(new Outcome.Down(Outcome.Down.Who.INSTANCE_DOWN, "why"), old);

    assertThat(follows)
        .isInstanceOfSatisfying(
            Defer.class, deferral -> assertThat(deferral.downSince()).isEqualTo(NOW));
  }

  @Test
  void whatNeverWillWorkIsADeadLetterAtOnceWithoutAnAttempt() {
    for (var outcome :
        List.of(
            Reason.INVALID_MESSAGE,
            Reason.UNSAFE_URL,
            Reason.BAD_IMAGE,
            Reason.TOO_MANY_DELIVERIES)) {
      assertThat(policyOf.of(new Outcome.Hopeless(outcome, "why"), delivery(0, null)))
          .isEqualTo(new Dead(0));
    }
  }

  @Test
  void leadsThatAreGoneOrErasedEndQuietly() {
    assertThat(policyOf.of(Outcome.Moot.LEAD_GONE, delivery(0, null)))
        .isEqualTo(new Complete(null));
    assertThat(policyOf.of(Outcome.Moot.ERASED, delivery(0, null))).isEqualTo(new Complete(null));
  }

  @Test
  void aLookupWithoutATokenGoesBackToItsLineAtOnceAndOneThatIsLateIsGivenBack() {
    var paced = policyOf.of(Outcome.Paced.PACED, delivery(2, null));
    assertThat(paced).isEqualTo(new Defer(Duration.ZERO, null, null, true));
    assertThat(attempts(delivery(2, null), paced)).isEqualTo(2);

    assertThat(policyOf.of(Outcome.Late.LATE, delivery(2, null))).isEqualTo(new GiveBack());
  }

  @Test
  void aTimeInTheFutureIsNotBelieved() {
    assertThat(LookupTask.requestedAt(NOW.plus(Duration.ofDays(1)), NOW)).isEqualTo(NOW);
    assertThat(LookupTask.requestedAt(NOW.plusMillis(5), NOW)).isEqualTo(NOW.plusMillis(5));
    assertThat(LookupTask.requestedAt(NOW.minusSeconds(5), NOW)).isEqualTo(NOW.minusSeconds(5));
    assertThat(LookupTask.requestedAt(null, NOW)).isEqualTo(NOW);
  }

  private static int attempts(Delivery delivery, Disposition disposition) {
    return Settlement.ofTheMessage(delivery, disposition, "ANY", null).attempts();
  }

  private static Delivery delivery(int attempts, @Nullable Instant downSince) {
    return new Delivery(
        new Lease(1, 1),
        1,
        attempts,
        downSince,
        NOW,
        NOW,
        "{}",
        false,
        null,
        "demo",
        null,
        true,
        new Delivery.Joined(false, null, null),
        () -> true);
  }
}
