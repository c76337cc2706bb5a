package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Evolution API: {@code data} is an object or a list, messages carry a {@code key}, contacts do
 * not. Its {@code sender} is our own number, its {@code profilePicUrl} null for any reason at all.
 */
@Component
final class EvolutionReader implements WebhookReader {

  private static final Set<String> EVENTS =
      Set.of("messages.upsert", "contacts.update", "contacts.upsert");

  @Override
  public String kind() {
    return "evolution";
  }

  @Override
  public List<Sighting> read(JsonNode body, Instant receivedAt) {
    if (!EVENTS.contains(Json.event(body))) {
      return List.of();
    }
    var instance = Json.text(body, "instance", "instanceName");
    var data = body.path("data");
    var sightings = new ArrayList<Sighting>();
    for (var each : Json.objects(data.has("messages") ? data.path("messages") : data)) {
      var key = each.path("key");
      if (Json.isTrue(key.path("fromMe")) || Json.isTrue(each.path("fromMe"))) {
        continue;
      }
      var at = Json.time(receivedAt, each.path("messageTimestamp"), body.path("date_time"));
      var url = Json.pictureUrl(each);
      var changed = Json.saysPictureChanged(each);
      // A message's own id is no address; inside a key it would only mislead.
      Person.of(key.isObject() ? new JsonNode[] {key, each} : new JsonNode[] {each})
          .ifPresent(person ->
              sightings.add(
                  new Sighting(null, person.phone(), person.lid(), instance, url, changed, at)));
    }
    return sightings;
  }
}
