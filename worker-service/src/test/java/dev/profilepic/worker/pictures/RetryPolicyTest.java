package dev.profilepic.worker.pictures;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.worker.pictures.Outcome.Answer;
import dev.profilepic.worker.pictures.Outcome.Failure;
import dev.profilepic.worker.pictures.Outcome.Reason;
import dev.profilepic.worker.pictures.RetryPolicy.Consequence;
import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.Disposition;
import dev.profilepic.worker.queue.Lease;
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
        .isEqualTo(Consequence.completed(Duration.ofDays(7)));
    assertThat(policyOf.of(new Outcome.Answered(Answer.NOT_SET, null), delivery(3, null)))
        .isEqualTo(Consequence.completed(Duration.ofDays(14)));
    assertThat(
            policyOf.of(new Outcome.Answered(Answer.HIDDEN, null), delivery(0, null)).nextCheck())
        .isEqualTo(Duration.ofDays(14));
    assertThat(
            policyOf
                .of(new Outcome.Answered(Answer.NOT_ON_WHATSAPP, null), delivery(0, null))
                .nextCheck())
        .isEqualTo(Duration.ofDays(30));
    assertThat(
            policyOf
                .of(new Outcome.Answered(Answer.HIDDEN_WITHOUT_TOKEN, null), delivery(0, null))
                .nextCheck())
        .isEqualTo(Duration.ofDays(3));
    assertThat(
            policyOf.of(new Outcome.Answered(Answer.UNKNOWN, null), delivery(0, null)).nextCheck())
        .isEqualTo(Duration.ofDays(13));
  }

  @Test
  void throttlingPausesTheInstanceForAsLongAsWasAskedAndCountsNothing() {
    var consequence = policyOf.of(new Outcome.Throttled(Duration.ofSeconds(90)), delivery(2, null));

    assertThat(consequence.pause()).isEqualTo(Duration.ofSeconds(90));
    assertThat(consequence.attempts()).isEqualTo(2);
    assertThat(consequence.disposition()).isEqualTo(new Disposition.Defer(Duration.ofSeconds(90)));
  }

  @Test
  void transientFailuresCountAndBackOffUntilTheLastAttempt() {
    for (var outcome :
        List.of(
            new Outcome.Failed(Failure.NO_ANSWER, null),
            new Outcome.Failed(Failure.DOWNLOAD_FAILED, "why"),
            new Outcome.Failed(Failure.URL_EXPIRED, "why"))) {
      var third = policyOf.of(outcome, delivery(2, null));
      assertThat(third.attempts()).isEqualTo(3);
      assertThat(third.disposition())
          .isInstanceOfSatisfying(
              Disposition.Retry.class,
              retry -> assertThat(retry.delay()).isBetween(Duration.ZERO, Duration.ofSeconds(120)));

      var fifth = policyOf.of(outcome, delivery(4, null));
      assertThat(fifth.attempts()).isEqualTo(5);
      assertThat(fifth.disposition()).isEqualTo(new Disposition.Dead());
    }
  }

  @Test
  void anOutageCountsNothingUntilItHasLastedTooLong() {
    for (var who : Outcome.Down.Who.values()) {
      var down = new Outcome.Down(who, "why");
      assertThat(policyOf.of(down, delivery(1, NOW.minus(Duration.ofHours(23)))))
          .satisfies(consequence -> {
            assertThat(consequence.attempts()).isEqualTo(1);
            assertThat(consequence.downSince()).isEqualTo(NOW.minus(Duration.ofHours(23)));
            assertThat(consequence.disposition()).isInstanceOf(Disposition.Defer.class);
          });
      var longer = policyOf.of(down, delivery(1, NOW.minus(Duration.ofHours(25)))).disposition();
      if (who == Outcome.Down.Who.STORE_DOWN) {
        assertThat(longer).as("our own bucket is waited for").isInstanceOf(Disposition.Defer.class);
      } else {
        assertThat(longer).isEqualTo(new Disposition.Dead());
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

    var consequence = policyOf.of(new Outcome.Down(Outcome.Down.Who.INSTANCE_DOWN, "why"), old);

    assertThat(consequence.disposition()).isInstanceOf(Disposition.Defer.class);
    assertThat(consequence.downSince()).isEqualTo(NOW);
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
          .isEqualTo(Consequence.dead(0));
    }
  }

  @Test
  void leadsThatAreGoneOrErasedEndQuietly() {
    assertThat(policyOf.of(Outcome.Moot.LEAD_GONE, delivery(0, null)).disposition())
        .isEqualTo(new Disposition.Complete());
    assertThat(policyOf.of(Outcome.Moot.ERASED, delivery(0, null)).disposition())
        .isEqualTo(new Disposition.Complete());
  }

  @Test
  void aLookupWithoutATokenGoesBackToItsLineAtOnceAndOneThatIsLateIsGivenBack() {
    var paced = policyOf.of(Outcome.Paced.PACED, delivery(2, null));
    assertThat(paced.disposition()).isEqualTo(new Disposition.Defer(Duration.ZERO));
    assertThat(paced.lookupNext()).isTrue();
    assertThat(paced.attempts()).isEqualTo(2);

    assertThat(policyOf.of(Outcome.Late.LATE, delivery(2, null)))
        .isEqualTo(Consequence.givenBack(2));
  }

  @Test
  void aTimeInTheFutureIsNotBelieved() {
    assertThat(LookupTask.requestedAt(NOW.plus(Duration.ofDays(1)), NOW)).isEqualTo(NOW);
    assertThat(LookupTask.requestedAt(NOW.plusMillis(5), NOW)).isEqualTo(NOW.plusMillis(5));
    assertThat(LookupTask.requestedAt(NOW.minusSeconds(5), NOW)).isEqualTo(NOW.minusSeconds(5));
    assertThat(LookupTask.requestedAt(null, NOW)).isEqualTo(NOW);
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
