package dev.profilepic.worker.pictures;

import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.Disposition;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** What follows from an outcome: pure policy, one line per outcome (design section 5). */
final class Verdicts {

  private final PictureProperties policy;
  private final Backoff backoff;
  private final InstantSource clock;

  Verdicts(PictureProperties policy, Backoff backoff, InstantSource clock) {
    this.policy = policy;
    this.backoff = backoff;
    this.clock = clock;
  }

  /**
   * @param disposition what becomes of the message
   * @param attempts counted failures, this one included
   * @param nextCheck until the lead is looked at again; null when the outcome does not say
   * @param pause how long the whole instance rests; null when it need not
   */
  record Verdict(
      Disposition disposition,
      int attempts,
      @Nullable Duration nextCheck,
      @Nullable Duration pause) {}

  Verdict on(Outcome outcome, Delivery delivery) {
    return switch (outcome) {
      case Outcome.Stored _, Outcome.Unchanged _ -> done(policy.refreshAfter());
      case Outcome.NotSet _, Outcome.Hidden _ -> done(policy.recheckNotSet());
      case Outcome.NotOnWhatsapp _ -> done(policy.recheckNotOnWhatsapp());
      case Outcome.Throttled(var retryAfter) ->
          new Verdict(
              new Disposition.Defer(retryAfter, false, true),
              delivery.attempts(),
              null,
              retryAfter);
      case Outcome.SlotAhead(var delay) ->
          new Verdict(new Disposition.Defer(delay, true, true), delivery.attempts(), null, null);
      case Outcome.InstanceDown _, Outcome.BridgeDown _ -> waitForIt(delivery);
      case Outcome.NoAnswer _, Outcome.DownloadFailed _, Outcome.UrlExpired _ -> failed(delivery);
      case Outcome.InvalidMessage _,
          Outcome.UnsafeUrl _,
          Outcome.BadImage _,
          Outcome.TooManyDeliveries _ ->
          new Verdict(new Disposition.Dead(), delivery.attempts(), null, null);
      case Outcome.LeadGone _, Outcome.Erased _ ->
          new Verdict(new Disposition.Complete(), 0, null, null);
    };
  }

  private static Verdict done(Duration nextCheck) {
    return new Verdict(new Disposition.Complete(), 0, nextCheck, null);
  }

  private Verdict waitForIt(Delivery delivery) {
    var age = Duration.between(delivery.enqueuedAt(), clock.instant());
    Disposition disposition =
        age.compareTo(policy.maxAge()) > 0
            ? new Disposition.Dead()
            : new Disposition.Defer(backoff.whileDown(age), false, false);
    return new Verdict(disposition, delivery.attempts(), null, null);
  }

  private Verdict failed(Delivery delivery) {
    int attempts = delivery.attempts() + 1;
    Disposition disposition =
        attempts >= policy.maxAttempts()
            ? new Disposition.Dead()
            : new Disposition.Retry(backoff.afterFailure(attempts));
    return new Verdict(disposition, attempts, null, null);
  }
}
