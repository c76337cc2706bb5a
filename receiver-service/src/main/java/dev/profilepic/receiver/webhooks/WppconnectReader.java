package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** wppconnect: the message itself with {@code event} and {@code session} beside its fields. */
@Component
final class WppconnectReader implements WebhookReader {

  private static final Set<String> EVENTS = Set.of("onmessage", "unreadmessages");
  private static final Set<String> OTHER_EVENTS =
      Set.of(
          "onselfmessage",
          "onack",
          "onpresencechanged",
          "onreactionmessage",
          "onrevokedmessage",
          "onparticipantschanged",
          "onpollresponse",
          "onupdatelabel",
          "incomingcall",
          "qrcode",
          "status-find",
          "closesession",
          "logoutsession",
          "phonecode",
          "location");

  @Override
  public String kind() {
    return "wppconnect";
  }

  @Override
  public boolean recognises(JsonNode body) {
    var event = Json.event(body);
    return body.path("session").isString()
        && !body.has("payload")
        && (EVENTS.contains(event) || OTHER_EVENTS.contains(event));
  }

  @Override
  public Reading read(JsonNode body, Instant receivedAt) {
    if (!EVENTS.contains(Json.event(body))
        || Json.isTrue(body.path("fromMe"))
        || Json.isTrue(body.path("isGroupMsg"))) {
      return Reading.nothing();
    }
    var sender = body.path("sender");
    var picture = sender.path("profilePicThumbObj");
    @Nullable String url = Json.text(picture, "eurl", "imgFull", "img");
    var at = Json.time(receivedAt, body.path("timestamp"), body.path("t"));
    return Reading.of(
        Person.of(withoutId(body), sender)
            .map(person -> new Sighting(person, Json.text(body, "session"), url, false, at))
            .stream()
            .toList());
  }

  /**
   * Returns a message without its id. The id contains an address ("false_55…@c.us_3EB0") but is not
   * an address.
   */
  private static JsonNode withoutId(JsonNode message) {
    var copy = message.deepCopy();
    if (copy instanceof ObjectNode object) {
      object.remove("id");
      object.remove("sender");
    }
    return copy;
  }
}
