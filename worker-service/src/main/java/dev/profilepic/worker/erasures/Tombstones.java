package dev.profilepic.worker.erasures;

import dev.profilepic.contract.ErasureKey;
import dev.profilepic.contract.ProfilePicMessage;
import dev.profilepic.worker.erasures.ErasureSql.Asked;
import dev.profilepic.worker.phones.AskedPhone;
import dev.profilepic.worker.queue.DefaultInstance;
import dev.profilepic.worker.queue.Delivery;
import dev.profilepic.worker.queue.Erasures;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Recognises people who asked to be forgotten by the keyed hash of the phone that would be looked
 * up. Messages come from any sender, so this is the last check before anything is fetched.
 */
@Component
class Tombstones implements Erasures {

  private final ErasureSql sql;
  private final ErasureKey key;
  private final AskedPhone phones;
  private final DefaultInstance defaultInstance;

  Tombstones(ErasureSql sql, ErasureKey key, AskedPhone phones, DefaultInstance defaultInstance) {
    this.sql = sql;
    this.key = key;
    this.phones = phones;
    this.defaultInstance = defaultInstance;
  }

  /**
   * Marks erased people. Each claim costs one short query while there are no erased people, and two
   * queries after that.
   */
  @Override
  public List<Delivery> mark(List<Delivery> deliveries) {
    if (deliveries.isEmpty() || !sql.isAnybodyBuried()) {
      return deliveries;
    }
    var places = new ArrayList<Integer>();
    var asked = new ArrayList<Asked>();
    for (int i = 0; i < deliveries.size(); i++) {
      var person = asked(deliveries.get(i));
      if (person.isPresent()) {
        places.add(i);
        asked.add(person.get());
      }
    }
    if (asked.isEmpty()) {
      return deliveries;
    }
    var marked = new ArrayList<>(deliveries);
    for (int found : sql.buried(asked)) {
      int place = places.get(found);
      marked.set(place, deliveries.get(place).ofAnErasedLead());
    }
    return marked;
  }

  private Optional<Asked> asked(Delivery delivery) {
    Delivery.@Nullable Lead lead = delivery.lead();
    if (lead == null
        || delivery.oversized()
        || !(ProfilePicMessage.parse(delivery.message())
            instanceof ProfilePicMessage.Parsed.Valid(var message))) {
      return Optional.empty();
    }
    @Nullable String instance =
        delivery.instanceId() != null ? delivery.instanceId() : defaultInstance.get();
    return phones
        .of(delivery.joined(), lead, message)
        .map(phone -> new Asked(lead.id(), instance, key.digest(phone)));
  }
}
