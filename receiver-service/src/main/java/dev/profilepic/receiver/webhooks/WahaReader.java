package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * WAHA: one message per webhook, in {@code payload}. Further fields are in {@code payload._data},
 * in the format of WAHA's engine.
 */
@Component
final class WahaReader implements WebhookReader {

  private static final Set<String> EVENTS = Set.of("message", "message.any");

  @Override
  public String kind() {
    return "waha";
  }

  @Override
  public boolean recognises(JsonNode body) {
    return !Json.event(body).isEmpty()
        && body.path("session").isString()
        && body.path("payload").isObject();
  }

  @Override
  public Reading read(JsonNode body, Instant receivedAt) {
    var payload = body.path("payload");
    var data = payload.path("_data");
    var key = data.path("key");
    if (!EVENTS.contains(Json.event(body))
        || Json.isTrue(payload.path("fromMe"))
        || Json.isTrue(key.path("fromMe"))) {
      return Reading.nothing();
    }
    // The message's id contains an address ("false_55…@c.us_3EB0"), so the id must not be read as
    // an address.
    var from = payload.deepCopy();
    if (from instanceof ObjectNode object) {
      object.remove("id");
    }
    var at = Json.time(receivedAt, payload.path("timestamp"), body.path("timestamp"));
    @Nullable String url = Json.pictureUrl(payload);
    return Reading.of(
        Person.of(from, key, data.path("Info"))
            .map(person -> new Sighting(person, Json.text(body, "session"), url, false, at))
            .stream()
            .toList());
  }
}
