package dev.profilepic.worker.pictures;

import dev.profilepic.worker.pictures.Outcome.Down.Who;
import dev.profilepic.worker.pictures.Outcome.Failure;
import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.Disposition;
import dev.profilepic.worker.queue.Disposition.Complete;
import dev.profilepic.worker.queue.Disposition.Dead;
import dev.profilepic.worker.queue.Disposition.Defer;
import dev.profilepic.worker.queue.Disposition.GiveBack;
import dev.profilepic.worker.queue.Disposition.Retry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;

/** Maps an outcome to its consequence. */
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

  Disposition of(Outcome outcome, Delivery delivery) {
    return switch (outcome) {
      case Outcome.Stored _, Outcome.Unchanged _ -> new Complete(policy.refreshAfter());
      case Outcome.Answered(var answer, _) -> new Complete(recheckAfter(answer));
      case Outcome.Throttled(var rest) -> new Defer(rest, null, rest, true);
      case Outcome.Down(var who, _) -> waitForIt(who, delivery);
      case Outcome.Failed(var failure, _) -> failed(failure, delivery);
      case Outcome.Hopeless _ -> new Dead(delivery.attempts());
      case Outcome.Moot _ -> new Complete(null);
      case Outcome.Paced _ -> Defer.toItsLine(delivery);
      case Outcome.Late _ -> new GiveBack();
    };
  }

  /**
   * Returns the consequence when a batch could not tell about a lead: the lead's next check is a
   * lookup. When the next check is a lookup already, its time stays.
   */
  Disposition untold(Delivery.Lead lead) {
    return new Complete(
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
   * Defers a message, or gives it up when a party has been down for too long. Only the unbroken
   * time counts in which the party was down, and not the time in line. Waiting for the store has no
   * end, because otherwise every lead with a new photo would become a dead letter.
   */
  private Disposition waitForIt(Who who, Delivery delivery) {
    var since = delivery.downSince() == null ? clock.instant() : delivery.downSince();
    var down = Duration.between(since, clock.instant());
    return who != Who.STORE_DOWN && down.compareTo(policy.maxAge()) > 0
        ? new Dead(delivery.attempts())
        : new Defer(backoff.whileDown(down), since, null, false);
  }

  private Disposition failed(Failure failure, Delivery delivery) {
    int attempts = delivery.attempts() + 1;
    return attempts >= policy.maxAttempts()
        ? new Dead(attempts)
        : new Retry(backoff.afterFailure(attempts), failure == Failure.URL_EXPIRED);
  }
}
