package dev.profilepic.receiver.webhooks;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.receiver.matching.Lids;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A person who wrote to us, or changed their picture, as a webhook tells it.
 *
 * @param leadId when the sender knows it
 * @param person number, LID or both
 * @param source how far the number is to be believed, where there is a LID too
 * @param instanceId the WhatsApp number that saw them
 * @param pictureUrl a link that came along, unchecked
 * @param pictureChanged whether their picture is known to be another one, or gone
 */
record Sighting(
    @Nullable String leadId,
    Person person,
    Lids.Source source,
    @Nullable String instanceId,
    @Nullable String pictureUrl,
    boolean pictureChanged,
    Instant at) {

  Sighting(
      Person person,
      @Nullable String instanceId,
      @Nullable String pictureUrl,
      boolean pictureChanged,
      Instant at) {
    this(null, person, Lids.Source.MESSAGE, instanceId, pictureUrl, pictureChanged, at);
  }

  @Nullable PhoneNumber phone() {
    return person.phone();
  }

  @Nullable String lid() {
    return person.lid();
  }

  Sighting through(@Nullable String instance) {
    return new Sighting(leadId, person, source, instance, pictureUrl, pictureChanged, at);
  }

  Sighting as(PhoneNumber phone) {
    return new Sighting(
        leadId,
        new Person(phone, person.lid()),
        source,
        instanceId,
        pictureUrl,
        pictureChanged,
        at);
  }
}
