package dev.profilepic.worker.pictures;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.ProfilePicMessage;
import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.MessageHandler;
import dev.profilepic.worker.queue.Settlement;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** One attempt at one message: read it, fetch the picture, say what follows. */
@Component
class PictureHandler implements MessageHandler {

  private static final String ERASED = "ERASED";

  private final PictureFetch fetch;
  private final Verdicts verdicts;
  private final Settlements settlements;
  private final PictureProperties policy;
  private final PhoneProperties phones;
  private final OutcomeMetrics metrics;

  PictureHandler(
      PictureFetch fetch,
      Verdicts verdicts,
      Settlements settlements,
      PictureProperties policy,
      PhoneProperties phones,
      OutcomeMetrics metrics) {
    this.fetch = fetch;
    this.verdicts = verdicts;
    this.settlements = settlements;
    this.policy = policy;
    this.phones = phones;
    this.metrics = metrics;
  }

  @Override
  public Settlement handle(Delivery delivery) throws InterruptedException {
    return switch (ProfilePicMessage.parse(delivery.message())) {
      case ProfilePicMessage.Parsed.Invalid(var problem) ->
          settle(delivery, null, new Outcome.InvalidMessage(problem));
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
      return settle(delivery, null, new Outcome.TooManyDeliveries(delivery.deliveries()));
    }
    var lead = delivery.lead();
    if (lead == null) {
      return settle(delivery, null, new Outcome.LeadGone());
    }
    if (ERASED.equals(lead.state())) {
      return settle(delivery, null, new Outcome.Erased());
    }
    var phone = PhoneNumber.parse(message.phone(), phones.defaultRegion());
    if (phone.isEmpty()) {
      return settle(
          delivery,
          null,
          new Outcome.InvalidMessage("phone must be a phone number with its country code"));
    }
    var wish =
        new Wish(
            lead,
            phone.get(),
            delivery.lookupReserved() ? null : message.profilePicUrl(),
            delivery.instanceId(),
            delivery.lookupReserved(),
            message.forceUpdate(),
            Wish.requestedAt(message.timestamp(), delivery.enqueuedAt()));
    return settle(delivery, wish, fetch.attempt(wish));
  }

  private Settlement settle(Delivery delivery, @Nullable Wish wish, Outcome outcome) {
    return settlements.of(delivery, wish, outcome, verdicts.on(outcome, delivery));
  }
}
