package dev.profilepic.receiver.webhooks;

import dev.profilepic.contract.Phones;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Chatwoot: a contact that was created or changed, with {@code phone_number}, or with the address
 * in {@code identifier}, where gateways put it. Its pictures are Chatwoot's own and are not read.
 */
@Component
final class ChatwootReader implements WebhookReader {

  private static final Set<String> EVENTS = Set.of("contact.created", "contact.updated");

  private final Phones phones;

  ChatwootReader(Phones phones) {
    this.phones = phones;
  }

  @Override
  public String kind() {
    return "chatwoot";
  }

  @Override
  public boolean recognises(JsonNode body) {
    var event = Json.event(body);
    return body.has("account")
        && (event.startsWith("contact.")
            || event.startsWith("conversation.")
            || event.startsWith("message.")
            || event.startsWith("webwidget."));
  }

  @Override
  public Reading read(JsonNode body, Instant receivedAt) {
    if (!EVENTS.contains(Json.event(body))) {
      return Reading.nothing();
    }
    @Nullable String number = Json.text(body, "phone_number");
    var byNumber = Optional.ofNullable(number).flatMap(phones::parse);
    var address = JsonNodeFactory.instance.objectNode();
    address.set("identifier", body.path("identifier"));
    return Reading.of(
        Person.of(address)
            .or(() -> byNumber.map(phone -> new Person(phone, null)))
            .map(person -> byNumber.map(phone -> new Person(phone, person.lid())).orElse(person))
            .map(person -> new Sighting(person, null, null, false, receivedAt))
            .stream()
            .toList());
  }
}
