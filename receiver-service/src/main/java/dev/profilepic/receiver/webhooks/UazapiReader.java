package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * UAZAPI: {@code message} and its {@code chat}, whose {@code image} is a link to the photo. One or
 * several events may also stand in {@code data}.
 */
@Component
final class UazapiReader implements WebhookReader {

  private static final Set<String> EVENTS = Set.of("messages", "message", "contacts", "chats");

  @Override
  public String kind() {
    return "uazapi";
  }

  @Override
  public boolean recognises(JsonNode body) {
    return body.path("EventType").isString() || body.path("BaseUrl").isString();
  }

  @Override
  public Reading read(JsonNode body, Instant receivedAt) {
    @Nullable String event = Json.text(body, "EventType", "event");
    if (event == null || !EVENTS.contains(event.toLowerCase(java.util.Locale.ROOT))) {
      return Reading.nothing();
    }
    @Nullable String instance = Json.text(body, "instanceName", "instance");
    var chat = body.path("chat");
    var sightings = new ArrayList<Sighting>();
    for (var each : told(body)) {
      if (Json.isTrue(each.path("fromMe"))
          || Json.isTrue(each.path("isGroup"))
          || Json.isTrue(chat.path("wa_isGroup"))) {
        continue;
      }
      @Nullable String image = Json.text(chat, "image", "imagePreview");
      var url = image != null ? image : Json.text(each, "image", "imagePreview");
      var at = Json.time(receivedAt, each.path("messageTimestamp"));
      Person.of(withoutId(each), withoutId(chat))
          .ifPresent(person -> sightings.add(new Sighting(person, instance, url, false, at)));
    }
    return Reading.of(sightings);
  }

  private static List<JsonNode> told(JsonNode body) {
    var message = Json.objects(body.path("message"));
    if (!message.isEmpty()) {
      return message;
    }
    var data = body.path("data");
    var inData = Json.objects(data.has("messages") ? data.path("messages") : data);
    return inData.isEmpty() ? Json.objects(body.path("chat")) : inData;
  }

  /** Returns a node without its id, because UAZAPI's ids are its own. */
  private static JsonNode withoutId(JsonNode node) {
    var copy = node.deepCopy();
    if (copy instanceof ObjectNode object) {
      object.remove("id");
    }
    return copy;
  }
}
