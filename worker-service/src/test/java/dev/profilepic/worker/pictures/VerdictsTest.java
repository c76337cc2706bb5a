package dev.profilepic.worker.pictures;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.Disposition;
import dev.profilepic.worker.queue.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class VerdictsTest {

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
          Duration.ofDays(30));

  private final Verdicts verdicts =
      new Verdicts(
          policy,
          new Backoff(
              policy.backoffBase(), policy.backoffCap(), RandomGenerator.of("L64X128MixRandom")),
          () -> NOW);

  private final Outcome.Source source =
      new Outcome.Source("https://pps.whatsapp.net/x.jpg", "1", null);

  @Test
  void whatIsKnownForSureEndsTheMessageAndIsLookedAtAgain() {
    assertThat(verdicts.on(new Outcome.Unchanged(source), delivery(0, NOW)))
        .isEqualTo(new Verdicts.Verdict(new Disposition.Complete(), 0, Duration.ofDays(7), null));
    assertThat(verdicts.on(new Outcome.NotSet(null), delivery(3, NOW)))
        .isEqualTo(new Verdicts.Verdict(new Disposition.Complete(), 0, Duration.ofDays(14), null));
    assertThat(verdicts.on(new Outcome.Hidden(null), delivery(0, NOW)).nextCheck())
        .isEqualTo(Duration.ofDays(14));
    assertThat(verdicts.on(new Outcome.NotOnWhatsapp(), delivery(0, NOW)).nextCheck())
        .isEqualTo(Duration.ofDays(30));
  }

  @Test
  void throttlingPausesTheInstanceForAsLongAsWasAskedAndCountsNothing() {
    var verdict = verdicts.on(new Outcome.Throttled(Duration.ofSeconds(90)), delivery(2, NOW));

    assertThat(verdict.pause()).isEqualTo(Duration.ofSeconds(90));
    assertThat(verdict.attempts()).isEqualTo(2);
    assertThat(verdict.disposition())
        .isEqualTo(new Disposition.Defer(Duration.ofSeconds(90), false, true));
  }

  @Test
  void transientFailuresCountAndBackOffUntilTheLastAttempt() {
    for (var outcome :
        List.of(
            new Outcome.NoAnswer(),
            new Outcome.DownloadFailed("why"),
            new Outcome.UrlExpired("why"))) {
      var third = verdicts.on(outcome, delivery(2, NOW));
      assertThat(third.attempts()).isEqualTo(3);
      assertThat(third.disposition())
          .isInstanceOfSatisfying(
              Disposition.Retry.class,
              retry -> assertThat(retry.delay()).isBetween(Duration.ZERO, Duration.ofSeconds(120)));

      var fifth = verdicts.on(outcome, delivery(4, NOW));
      assertThat(fifth.attempts()).isEqualTo(5);
      assertThat(fifth.disposition()).isEqualTo(new Disposition.Dead());
    }
  }

  @Test
  void anOutageCountsNothingUntilTheMessageIsTooOld() {
    for (var outcome : List.of(new Outcome.InstanceDown("why"), new Outcome.BridgeDown("why"))) {
      assertThat(verdicts.on(outcome, delivery(1, NOW.minus(Duration.ofHours(23)))))
          .satisfies(verdict -> {
            assertThat(verdict.attempts()).isEqualTo(1);
            assertThat(verdict.disposition()).isInstanceOf(Disposition.Defer.class);
          });
      assertThat(verdicts.on(outcome, delivery(1, NOW.minus(Duration.ofHours(25)))).disposition())
          .isEqualTo(new Disposition.Dead());
    }
  }

  @Test
  void whatNeverWillWorkIsADeadLetterAtOnceWithoutAnAttempt() {
    for (var outcome :
        List.of(
            new Outcome.InvalidMessage("why"),
            new Outcome.UnsafeUrl("why"),
            new Outcome.BadImage("why"),
            new Outcome.TooManyDeliveries(21))) {
      assertThat(verdicts.on(outcome, delivery(0, NOW)))
          .isEqualTo(new Verdicts.Verdict(new Disposition.Dead(), 0, null, null));
    }
  }

  @Test
  void leadsThatAreGoneOrErasedEndQuietly() {
    assertThat(verdicts.on(new Outcome.LeadGone(), delivery(0, NOW)).disposition())
        .isEqualTo(new Disposition.Complete());
    assertThat(verdicts.on(new Outcome.Erased(), delivery(0, NOW)).disposition())
        .isEqualTo(new Disposition.Complete());
  }

  @Test
  void aSlotAheadIsWaitedForWithoutReservingAnother() {
    assertThat(
            verdicts
                .on(new Outcome.SlotAhead(Duration.ofSeconds(3)), delivery(0, NOW))
                .disposition())
        .isEqualTo(new Disposition.Defer(Duration.ofSeconds(3), true, true));
  }

  @Test
  void aTimeInTheFutureIsNotBelieved() {
    assertThat(Wish.requestedAt(NOW.plus(Duration.ofDays(1)), NOW)).isEqualTo(NOW);
    assertThat(Wish.requestedAt(NOW.plusMillis(5), NOW)).isEqualTo(NOW.plusMillis(5));
    assertThat(Wish.requestedAt(NOW.minusSeconds(5), NOW)).isEqualTo(NOW.minusSeconds(5));
    assertThat(Wish.requestedAt(null, NOW)).isEqualTo(NOW);
  }

  private static Delivery delivery(int attempts, Instant enqueuedAt) {
    return new Delivery(new Lease(1, 1), 1, attempts, enqueuedAt, "{}", null, "demo", null, true);
  }
}
