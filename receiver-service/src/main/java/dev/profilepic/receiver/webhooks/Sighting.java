package dev.profilepic.receiver.webhooks;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.receiver.matching.Lids;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A webhook's news of a person, who wrote to us or changed their picture.
 *
 * @param leadId when the sender knows the lead
 * @param person number, LID or both
 * @param source the rank of the number, where there is also a LID
 * @param instanceId the WhatsApp number that received the event
 * @param pictureUrl a link that came with the event, unchecked
 * @param pictureChanged whether the picture is known to have changed or to be gone
 * @param pictureId WhatsApp's id of the present picture, where the event has it
 * @param pictureMissing whether the gateway looked for the picture just now and has none to show,
 *     for any reason at all
 */
record Sighting(
    @Nullable String leadId,
    Person person,
    Lids.Source source,
    @Nullable String instanceId,
    @Nullable String pictureUrl,
    boolean pictureChanged,
    Instant at,
    @Nullable String pictureId,
    boolean pictureMissing) {

  Sighting(
      Person person,
      @Nullable String instanceId,
      @Nullable String pictureUrl,
      boolean pictureChanged,
      Instant at) {
    this(null, person, Lids.Source.MESSAGE, instanceId, pictureUrl, pictureChanged, at);
  }

  Sighting(
      @Nullable String leadId,
      Person person,
      Lids.Source source,
      @Nullable String instanceId,
      @Nullable String pictureUrl,
      boolean pictureChanged,
      Instant at) {
    this(leadId, person, source, instanceId, pictureUrl, pictureChanged, at, null, false);
  }

  Sighting withPictureId(@Nullable String id) {
    return new Sighting(
        leadId, person, source, instanceId, pictureUrl, pictureChanged, at, id, pictureMissing);
  }

  Sighting withoutPicture() {
    return new Sighting(
        leadId, person, source, instanceId, pictureUrl, pictureChanged, at, pictureId, true);
  }

  @Nullable PhoneNumber phone() {
    return person.phone();
  }

  @Nullable String lid() {
    return person.lid();
  }

  Sighting through(@Nullable String instance) {
    return new Sighting(
        leadId,
        person,
        source,
        instance,
        pictureUrl,
        pictureChanged,
        at,
        pictureId,
        pictureMissing);
  }

  Sighting as(PhoneNumber phone) {
    return new Sighting(
        leadId,
        new Person(phone, person.lid()),
        source,
        instanceId,
        pictureUrl,
        pictureChanged,
        at,
        pictureId,
        pictureMissing);
  }
}
