package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import java.util.ArrayList;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * fazer-ai/baileys-api: plain Baileys events, with only the receiver's key around them. So the
 * instance is that of the key.
 */
@Component
final class FazerReader implements WebhookReader {

  @Override
  public String kind() {
    return "fazer";
  }

  @Override
  public boolean recognises(JsonNode body) {
    return body.has("webhookVerifyToken") && !Json.event(body).isEmpty();
  }

  @Override
  public Reading read(JsonNode body, Instant receivedAt) {
    var data = body.path("data");
    var instance = Json.text(body, "instanceId", "instance_id", "instance");
    return switch (Json.event(body)) {
      case "messages.upsert" -> {
        var messages = Json.objects(data.has("messages") ? data.path("messages") : data);
        yield Reading.of(BaileysEvents.messages(messages, instance, receivedAt));
      }
      case "contacts.update", "contacts.upsert" ->
          Reading.of(BaileysEvents.contacts(Json.objects(data), instance, receivedAt));
      case "messaging-history.set" -> {
        var people = new ArrayList<Sighting>();
        people.addAll(
            BaileysEvents.contacts(Json.objects(data.path("contacts")), instance, receivedAt));
        people.addAll(
            BaileysEvents.messages(Json.objects(data.path("messages")), instance, receivedAt));
        yield Reading.of(people);
      }
      case "lid-mapping.update" -> LidMappings.of(data, instance, receivedAt);
      default -> Reading.nothing();
    };
  }
}
