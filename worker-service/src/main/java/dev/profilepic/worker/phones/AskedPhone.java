package dev.profilepic.worker.phones;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.Phones;
import dev.profilepic.contract.ProfilePicMessage;
import dev.profilepic.worker.queue.Delivery;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Decides which phone a message asks about. */
@Component
public class AskedPhone {

  private final Phones phones;

  AskedPhone(Phones phones) {
    this.phones = phones;
  }

  /**
   * Returns the phone in the CRM's row, if it can be read. When it is only another spelling of the
   * asked number, returns the asked number.
   *
   * @return the phone; empty when the asked number cannot be read
   */
  public Optional<PhoneNumber> of(
      Delivery.Joined joined, Delivery.Lead lead, ProfilePicMessage message) {
    var asked = phones.parse(joined.phone() != null ? joined.phone() : message.phone());
    @Nullable String own = lead.phone();
    if (asked.isEmpty() || own == null || asked.get().isWrittenAs(own, phones.defaultRegion())) {
      return asked;
    }
    return phones.parse(own).or(() -> asked);
  }
}
