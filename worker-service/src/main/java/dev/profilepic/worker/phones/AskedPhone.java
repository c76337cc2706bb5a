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
   * The phone in the CRM's row decides, if there is one. When it is only another spelling of the
   * asked number, the asked number stays.
   *
   * @return empty when neither names a phone that can be read
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
