package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Evolution API: {@code data} is an object or a list, messages carry a {@code key}, contacts do
 * not. Its {@code sender} is our own number, its {@code profilePicUrl} null for any reason at all:
 * no photo, a hidden one, or a question to WhatsApp that failed. Its {@code date_time} is local
 * time labelled as UTC (its image runs in America/Sao_Paulo), so it is the time of nothing.
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
   * WhatsApp's notice that somebody's picture changed comes as a list, without a name; when the
   * picture was removed, with a null that Evolution 2.3.7 asked for just then. The lists that it
   * sends after pairing, where most nulls only say that WhatsApp had enough of questions, have
   * names.
   */
  private static boolean isNotice(JsonNode contact) {
    return contact.path("profilePicUrl").isNull() && !contact.has("pushName");
  }
}
