package dev.profilepic.worker.pictures;

import dev.profilepic.worker.pictures.Outcome.Down.Who;
import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.Disposition;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What follows from an outcome: pure policy, a line or two per outcome. */
final class RetryPolicy {

  /** States in which the next look is a lookup, and not a batch. */
  private static final Set<String> WAITS_FOR_LOOKUP = Set.of("HIDDEN", "UNKNOWN");

  private final PictureProperties policy;
  private final Backoff backoff;
  private final InstantSource clock;

  RetryPolicy(PictureProperties policy, Backoff backoff, InstantSource clock) {
    this.policy = policy;
    this.backoff = backoff;
    this.clock = clock;
  }

  /**
   * @param disposition what becomes of the message
   * @param attempts counted failures, this one included
   * @param downSince since when instance or bridge have been down; null when they are not
   * @param nextCheck until the lead is looked at again; null when the outcome does not say
   * @param pause how long the whole instance rests; null when it need not
   * @param lookupNext whether the next attempt needs a lookup though the message has a link
   */
  record Consequence(
      Disposition disposition,
      int attempts,
      @Nullable Instant downSince,
      @Nullable Duration nextCheck,
      @Nullable Duration pause,
      boolean lookupNext) {

    static Consequence completed(@Nullable Duration nextCheck) {
      return new Consequence(new Disposition.Complete(), 0, null, nextCheck, null, false);
    }

    static Consequence dead(int attempts) {
      return new Consequence(new Disposition.Dead(), attempts, null, null, null, false);
    }

    static Consequence givenBack(int attempts) {
      return new Consequence(new Disposition.GiveBack(), attempts, null, null, null, false);
    }
  }

  Consequence of(Outcome outcome, Delivery delivery) {
    return switch (outcome) {
      case Outcome.Stored _, Outcome.Unchanged _ -> Consequence.completed(policy.refreshAfter());
      case Outcome.Answered(var answer, _) -> Consequence.completed(recheckAfter(answer));
      case Outcome.Throttled(var retryAfter) ->
          new Consequence(
              new Disposition.Defer(retryAfter), delivery.attempts(), null, null, retryAfter, true);
      case Outcome.Down(var who, _) -> waitForIt(who, delivery);
      case Outcome.Failed(var failure, _) -> failed(failure, delivery);
      case Outcome.Hopeless _ -> Consequence.dead(delivery.attempts());
      case Outcome.Moot _ -> Consequence.completed(null);
      case Outcome.Paced _ ->
          new Consequence(
              new Disposition.Defer(Duration.ZERO),
              delivery.attempts(),
              delivery.downSince(),
              null,
              null,
              true);
      case Outcome.Late _ -> Consequence.givenBack(delivery.attempts());
    };
  }

  /**
   * What follows when a batch could not tell about a lead: a lookup at the lead's next check. A
   * lead whose next check will be a lookup already keeps its time.
   */
  Consequence untold(Delivery.Lead lead) {
    return Consequence.completed(
        WAITS_FOR_LOOKUP.contains(lead.state()) ? null : policy.recheckHiddenWithoutToken());
  }

  private Duration recheckAfter(Outcome.Answer answer) {
    return switch (answer) {
      case NOT_SET, HIDDEN -> policy.recheckNotSet();
      case HIDDEN_WITHOUT_TOKEN, KEPT -> policy.recheckHiddenWithoutToken();
      case NOT_ON_WHATSAPP -> policy.recheckNotOnWhatsapp();
      case UNKNOWN -> policy.recheckUnknown();
    };
  }

  /**
   * Time in line does not count. Only the unbroken time counts in which nobody could be asked.
   * Waiting for the store has no end, because otherwise every lead with a new photo would become a
   * dead letter.
   */
  private Consequence waitForIt(Who who, Delivery delivery) {
    var since = delivery.downSince() == null ? clock.instant() : delivery.downSince();
    var down = Duration.between(since, clock.instant());
    return who != Who.STORE_DOWN && down.compareTo(policy.maxAge()) > 0
        ? Consequence.dead(delivery.attempts())
        : new Consequence(
            new Disposition.Defer(backoff.whileDown(down)),
            delivery.attempts(),
            since,
            null,
            null,
            false);
  }

  private Consequence failed(Outcome.Failure failure, Delivery delivery) {
    int attempts = delivery.attempts() + 1;
    return attempts >= policy.maxAttempts()
        ? Consequence.dead(attempts)
        : new Consequence(
            new Disposition.Retry(backoff.afterFailure(attempts)),
            attempts,
            null,
            null,
            null,
            failure == Outcome.Failure.URL_EXPIRED);
  }
}
