package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * wuzapi: whatsmeow's events in {@code event}, with their names in {@code type}; as JSON, or in the
 * field {@code jsonData} of a form. Older versions do not name the instance.
 */
@Component
final class WuzapiReader implements WebhookReader {

  @Override
  public String kind() {
    return "wuzapi";
  }

  @Override
  public boolean recognises(JsonNode body) {
    return body.path("type").isString() && body.path("event").isObject();
  }

  @Override
  public Reading read(JsonNode body, Instant receivedAt) {
    var instance = Json.text(body, "instanceName", "instance");
    var type = body.path("type").asString("");
    return Reading.of(
        WhatsmeowEvents.read(type, body.path("event"), instance, receivedAt).stream().toList());
  }
}
