package dev.profilepic.worker.pictures;

import dev.profilepic.contract.ProfilePicMessage;
import dev.profilepic.worker.phones.AskedPhone;
import dev.profilepic.worker.pictures.Outcome.Reason;
import dev.profilepic.worker.queue.Delivery;
import org.springframework.stereotype.Component;

/** Reads messages, and trusts nothing in them. Finds the lead whose picture a message asks for. */
@Component
class TaskReader {

  /** The result of reading a message: the task for a lead's picture, or no task. */
  sealed interface Reading permits LookupTask, Reading.Nobodys {

    /** The message asks for no picture, and ends in this outcome. */
    record Nobodys(Outcome outcome) implements Reading {}
  }

  private static final String ERASED = "ERASED";

  private final PictureProperties policy;
  private final AskedPhone phones;

  TaskReader(PictureProperties policy, AskedPhone phones) {
    this.policy = policy;
    this.phones = phones;
  }

  Reading read(Delivery delivery) {
    if (delivery.oversized()) {
      return invalid("the message is larger than 64 KiB");
    }
    return switch (ProfilePicMessage.parse(delivery.message())) {
      case ProfilePicMessage.Parsed.Invalid(var problem) -> invalid(problem);
      case ProfilePicMessage.Parsed.Valid(var message) -> read(delivery, message);
    };
  }

  private Reading read(Delivery delivery, ProfilePicMessage message) {
    if (delivery.deliveries() > policy.maxDeliveries()) {
      return new Reading.Nobodys(
          new Outcome.Hopeless(
              Reason.TOO_MANY_DELIVERIES, delivery.deliveries() + " deliveries without a result"));
    }
    var lead = delivery.lead();
    if (lead == null) {
      return new Reading.Nobodys(Outcome.Moot.LEAD_GONE);
    }
    if (ERASED.equals(lead.state())) {
      return new Reading.Nobodys(Outcome.Moot.ERASED);
    }
    var phone = phones.of(delivery.joined(), lead, message);
    if (phone.isEmpty()) {
      return invalid("phone must be a phone number with its country code");
    }
    var joined = delivery.joined();
    return new LookupTask(
        delivery,
        lead,
        phone.get(),
        joined.url() != null
            ? joined.url()
            : delivery.lookupPaid() ? null : message.profilePicUrl(),
        joined.forced() || message.forceUpdate(),
        LookupTask.requestedAt(message.timestamp(), delivery.enqueuedAt()));
  }

  private static Reading invalid(String why) {
    return new Reading.Nobodys(new Outcome.Hopeless(Reason.INVALID_MESSAGE, why));
  }
}
