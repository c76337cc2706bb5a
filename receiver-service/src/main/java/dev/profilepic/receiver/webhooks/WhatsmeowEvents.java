package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Events of whatsmeow, the Go library, as its gateways pass them on. */
final class WhatsmeowEvents {

  private WhatsmeowEvents() {}

  /**
   * Returns the person of an event.
   *
   * @param type {@code Message}, {@code Picture}, {@code PushName} or {@code Contact}; other events
   *     are about no person
   */
  static Optional<Sighting> read(
      String type, JsonNode event, @Nullable String instance, Instant receivedAt) {
    var info = event.path("Info");
    return switch (type) {
      case "Message" ->
          Json.isTrue(info.path("IsFromMe")) || Json.isTrue(info.path("IsGroup"))
              ? Optional.empty()
              : seen(info, event, instance, Json.time(receivedAt, info.path("Timestamp")));
      case "Picture", "PushName", "Contact" ->
          seen(
              event,
              event,
              instance,
              Json.time(receivedAt, event.path("Timestamp")),
              type.equals("Picture"));
      default -> Optional.empty();
    };
  }

  private static Optional<Sighting> seen(
      JsonNode who, JsonNode event, @Nullable String instance, Instant at) {
    return seen(who, event, instance, at, false);
  }

  private static Optional<Sighting> seen(
      JsonNode who, JsonNode event, @Nullable String instance, Instant at, boolean changed) {
    return Person.of(who)
        .map(person -> new Sighting(person, instance, Json.pictureUrl(event), changed, at));
  }
}
