package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import java.util.ArrayList;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Our own bridge: {@code messages.upsert} and {@code contacts.update}, a list of people each, and
 * {@code lid-mapping.update}.
 */
@Component
final class BaileysReader implements WebhookReader {

  @Override
  public String kind() {
    return "baileys";
  }

  @Override
  public boolean recognises(JsonNode body) {
    return !Json.event(body).isEmpty()
        && body.path("instance_id").isString()
        && (body.path("data").isArray() || body.path("data").isObject());
  }

  @Override
  public Reading read(JsonNode body, Instant receivedAt) {
    var event = Json.event(body);
    var at = Json.time(receivedAt, body.path("timestamp"));
    var instance = Json.text(body, "instance_id", "instanceId", "instance");
    if (event.equals("lid-mapping.update")) {
      return LidMappings.of(body.path("data"), instance, at);
    }
    if (!event.equals("messages.upsert") && !event.equals("contacts.update")) {
      return Reading.nothing();
    }
    var sightings = new ArrayList<Sighting>();
    for (var each : Json.objects(body.path("data"))) {
      if (Json.isTrue(each.path("from_me"))) {
        continue;
      }
      Person.of(each)
          .ifPresent(person ->
              sightings.add(
                  new Sighting(
                      person, instance, Json.pictureUrl(each), Json.saysPictureChanged(each), at)));
    }
    return Reading.of(sightings);
  }
}
