package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Baileys' messages and contacts, which several gateways pass on unchanged. */
final class BaileysEvents {

  private BaileysEvents() {}

  static List<Sighting> messages(
      List<JsonNode> messages, @Nullable String instance, Instant receivedAt) {
    var sightings = new ArrayList<Sighting>();
    for (var each : messages) {
      var key = each.path("key");
      if (Json.isTrue(key.path("fromMe")) || Json.isTrue(each.path("fromMe"))) {
        continue;
      }
      var at = Json.time(receivedAt, each.path("messageTimestamp"));
      @Nullable String beside = Json.pictureUrl(each);
      var url = beside != null ? beside : Json.pictureUrl(key);
      var changed = Json.saysPictureChanged(each);
      // A message's own id is no address; inside a key it would mislead.
      Person.of(key.isObject() ? new JsonNode[] {key, each} : new JsonNode[] {each})
          .ifPresent(person -> sightings.add(new Sighting(person, instance, url, changed, at)));
    }
    return sightings;
  }

  static List<Sighting> contacts(
      List<JsonNode> contacts, @Nullable String instance, Instant receivedAt) {
    return messages(contacts, instance, receivedAt);
  }
}
