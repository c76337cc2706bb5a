package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Our own bridge: {@code messages.upsert} and {@code contacts.update}, a list of people each. */
@Component
final class BaileysReader implements WebhookReader {

  @Override
  public String kind() {
    return "baileys";
  }

  @Override
  public List<Sighting> read(JsonNode body, Instant receivedAt) {
    var event = Json.event(body);
    if (!event.equals("messages.upsert") && !event.equals("contacts.update")) {
      return List.of();
    }
    var at = Json.time(receivedAt, body.path("timestamp"));
    var instance = Json.text(body, "instance_id", "instanceId", "instance");
    var sightings = new ArrayList<Sighting>();
    for (var each : Json.objects(body.path("data"))) {
      if (Json.isTrue(each.path("from_me"))) {
        continue;
      }
      var changed = Json.saysPictureChanged(each);
      Person.of(each)
          .ifPresent(person ->
              sightings.add(
                  new Sighting(null, person.phone(), person.lid(), instance, null, changed, at)));
    }
    return sightings;
  }
}
