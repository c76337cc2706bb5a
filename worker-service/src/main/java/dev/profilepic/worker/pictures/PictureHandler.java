package dev.profilepic.worker.pictures;

import dev.profilepic.contract.ProfilePicMessage;
import dev.profilepic.worker.phones.AskedPhone;
import dev.profilepic.worker.pictures.Outcome.Reason;
import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.MessageHandler;
import dev.profilepic.worker.queue.Settlement;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** One attempt at one message: read it, fetch the picture, say what follows. */
@Component
class PictureHandler implements MessageHandler {

  private static final String ERASED = "ERASED";

  private final PictureFetch fetch;
  private final RetryPolicy retries;
  private final SettlementMapper settlements;
  private final PictureProperties policy;
  private final AskedPhone phones;
  private final OutcomeMetrics metrics;

  PictureHandler(
      PictureFetch fetch,
      RetryPolicy retries,
      SettlementMapper settlements,
      PictureProperties policy,
      AskedPhone phones,
      OutcomeMetrics metrics) {
    this.fetch = fetch;
    this.retries = retries;
    this.settlements = settlements;
    this.policy = policy;
    this.phones = phones;
    this.metrics = metrics;
  }

  @Override
  public Settlement handle(Delivery delivery) throws InterruptedException {
    if (delivery.oversized()) {
      return settle(delivery, null, invalid("the message is larger than 64 KiB"));
    }
    return switch (ProfilePicMessage.parse(delivery.message())) {
      case ProfilePicMessage.Parsed.Invalid(var problem) ->
          settle(delivery, null, invalid(problem));
      case ProfilePicMessage.Parsed.Valid(var message) -> handle(delivery, message);
    };
  }

  @Override
  public void settled(Delivery delivery, Settlement settlement) {
    metrics.settled(delivery, settlement);
  }

  private Settlement handle(Delivery delivery, ProfilePicMessage message)
      throws InterruptedException {
    if (delivery.deliveries() > policy.maxDeliveries()) {
      return settle(
          delivery,
          null,
          new Outcome.Hopeless(
              Reason.TOO_MANY_DELIVERIES, delivery.deliveries() + " deliveries without a result"));
    }
    var lead = delivery.lead();
    if (lead == null) {
      return settle(delivery, null, Outcome.Moot.LEAD_GONE);
    }
    if (ERASED.equals(lead.state())) {
      return settle(delivery, null, Outcome.Moot.ERASED);
    }
    var phone = phones.of(delivery.joined(), lead, message);
    if (phone.isEmpty()) {
      return settle(delivery, null, invalid("phone must be a phone number with its country code"));
    }
    var joined = delivery.joined();
    var task =
        new LookupTask(
            delivery,
            lead,
            phone.get(),
            joined.url() != null
                ? joined.url()
                : delivery.lookupPaid() ? null : message.profilePicUrl(),
            joined.forced() || message.forceUpdate(),
            LookupTask.requestedAt(message.timestamp(), delivery.enqueuedAt()));
    var queries = new AtomicInteger();
    var outcome = fetch.attempt(task, queries::addAndGet);
    // One query is what the token was for.
    return settlements.map(
        delivery, task, outcome, retries.of(outcome, delivery), Math.max(0, queries.get() - 1));
  }

  private static Outcome invalid(String why) {
    return new Outcome.Hopeless(Reason.INVALID_MESSAGE, why);
  }

  private Settlement settle(Delivery delivery, @Nullable LookupTask task, Outcome outcome) {
    return settlements.map(delivery, task, outcome, retries.of(outcome, delivery), 0);
  }
}
