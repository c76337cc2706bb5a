package dev.profilepic.worker.pictures;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.ProfilePicMessage;
import dev.profilepic.worker.pictures.Outcome.Reason;
import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.MessageHandler;
import dev.profilepic.worker.queue.Settlement;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** One attempt at one message: read it, fetch the picture, say what follows. */
@Component
class PictureHandler implements MessageHandler {

  private static final String ERASED = "ERASED";
  private static final int SHORTEST_PHONE = 8;

  private final PictureFetch fetch;
  private final RetryPolicy retries;
  private final SettlementMapper settlements;
  private final PictureProperties policy;
  private final PhoneProperties phones;
  private final OutcomeMetrics metrics;

  PictureHandler(
      PictureFetch fetch,
      RetryPolicy retries,
      SettlementMapper settlements,
      PictureProperties policy,
      PhoneProperties phones,
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
    var phone = phone(delivery.joined(), lead, message);
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

  /**
   * The CRM's own phone decides, when it holds one; a spelling of the same number changes nothing.
   */
  private Optional<PhoneNumber> phone(
      Delivery.Joined joined, Delivery.Lead lead, ProfilePicMessage message) {
    var asked =
        PhoneNumber.parse(
            joined.phone() != null ? joined.phone() : message.phone(), phones.defaultRegion());
    @Nullable String own = lead.phone();
    if (asked.isEmpty() || own == null || isSpelling(own, asked.get())) {
      return asked;
    }
    return PhoneNumber.parse(own, phones.defaultRegion()).or(() -> asked);
  }

  /** Whether the CRM's phone is the same number, possibly without its country code. */
  private boolean isSpelling(String own, PhoneNumber asked) {
    var digits = own.replaceAll("[^0-9]", "");
    return (digits.length() >= SHORTEST_PHONE && asked.digits().endsWith(digits))
        || PhoneNumber.parse(own, phones.defaultRegion()).filter(asked::isSameAs).isPresent();
  }

  private static Outcome invalid(String why) {
    return new Outcome.Hopeless(Reason.INVALID_MESSAGE, why);
  }

  private Settlement settle(Delivery delivery, @Nullable LookupTask task, Outcome outcome) {
    return settlements.map(delivery, task, outcome, retries.of(outcome, delivery), 0);
  }
}
