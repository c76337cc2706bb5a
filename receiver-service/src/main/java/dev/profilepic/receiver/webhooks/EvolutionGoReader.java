package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Evolution Go: whatsmeow's events in {@code data}; the instance is given by its name. */
@Component
final class EvolutionGoReader implements WebhookReader {

  @Override
  public String kind() {
    return "evolution-go";
  }

  @Override
  public boolean recognises(JsonNode body) {
    return body.path("event").isString()
        && body.path("instanceName").isString()
        && (body.has("instanceToken") || body.path("data").has("Info"));
  }

  @Override
  public Reading read(JsonNode body, Instant receivedAt) {
    var instance = Json.text(body, "instanceName", "instanceId");
    var event = body.path("event").asString("");
    return Reading.of(
        WhatsmeowEvents.read(event, body.path("data"), instance, receivedAt).stream().toList());
  }
}
