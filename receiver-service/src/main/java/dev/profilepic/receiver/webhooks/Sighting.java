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
 * @param pictureId WhatsApp's id of the picture that they have now, where it was told
 * @param pictureMissing whether the gateway looked for their picture just now and has none to show,
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
