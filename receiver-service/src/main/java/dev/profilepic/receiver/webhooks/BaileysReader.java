package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Our own bridge: {@code messages.upsert} and {@code contacts.update} (each with a list of people),
 * {@code lid-mapping.update}, and {@code connection.update} for its own numbers.
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
    if (event.equals("connection.update")) {
      return Reading.ofConnections(connections(body, instance, at));
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
                          person,
                          instance,
                          Json.pictureUrl(each),
                          Json.saysPictureChanged(each),
                          at)
                      .withPictureId(Json.text(each, "picture_id"))));
    }
    return Reading.of(sightings);
  }

  private static List<Reading.Connection> connections(
      JsonNode body, @Nullable String instance, Instant at) {
    var connections = new ArrayList<Reading.Connection>();
    for (var each : Json.objects(body.path("data"))) {
      @Nullable String state = Json.text(each, "state");
      if (state != null) {
        connections.add(
            new Reading.Connection(
                instance,
                state,
                Json.text(each, "reason"),
                Json.timeOrNull(each.path("until")),
                at));
      }
    }
    return connections;
  }
}
