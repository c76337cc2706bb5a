package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Evolution API: {@code data} is an object or a list; messages have a {@code key}, contacts do not.
 * Its {@code sender} is our own number. Its {@code profilePicUrl} is null for any reason: no photo,
 * a hidden photo, or a failed query to WhatsApp. Its {@code date_time} is local time labelled as
 * UTC (its image runs in America/Sao_Paulo), so it is not used.
 */
@Component
final class EvolutionReader implements WebhookReader {

  private static final Set<String> EVENTS =
      Set.of("messages.upsert", "contacts.update", "contacts.upsert");

  @Override
  public String kind() {
    return "evolution";
  }

  @Override
  public boolean recognises(JsonNode body) {
    return !Json.event(body).isEmpty() && body.path("instance").isString() && body.has("data");
  }

  @Override
  public Reading read(JsonNode body, Instant receivedAt) {
    var instance = Json.text(body, "instance", "instanceName");
    var data = body.path("data");
    if (Json.event(body).equals("lid-mapping.update")) {
      return LidMappings.of(data, instance, receivedAt);
    }
    if (!EVENTS.contains(Json.event(body))) {
      return Reading.nothing();
    }
    var messages = Json.objects(data.has("messages") ? data.path("messages") : data);
    boolean mayBeNotice = Json.event(body).equals("contacts.update") && data.isArray();
    return Reading.of(
        messages.stream()
            .flatMap(each ->
                BaileysEvents.messages(List.of(each), instance, receivedAt).stream()
                    .map(sighting ->
                        mayBeNotice && isNotice(each) ? sighting.withoutPicture() : sighting))
            .toList());
  }

  /**
   * Returns whether this is WhatsApp's notice of a changed picture. The notice comes as a list, and
   * its contact has no name. When the picture was removed, the url is null, because Evolution 2.3.7
   * asked for it just then. Evolution also sends lists after pairing. Most nulls in them only say
   * that WhatsApp stopped answering; the contacts in those lists have names.
   */
  private static boolean isNotice(JsonNode contact) {
    return contact.path("profilePicUrl").isNull() && !contact.has("pushName");
  }
}
