package dev.profilepic.receiver.webhooks;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.Phones;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Z-API: {@code phone} is the other side of the conversation, in digits. For a group it ends in
 * {@code -group}, for a person with a hidden number in {@code @lid}. {@code senderPhoto} and {@code
 * photo} are links.
 */
@Component
final class ZApiReader implements WebhookReader {

  private final Phones phones;

  ZApiReader(Phones phones) {
    this.phones = phones;
  }

  @Override
  public String kind() {
    return "z-api";
  }

  @Override
  public boolean recognises(JsonNode body) {
    return body.path("type").asString("").endsWith("Callback") && body.has("instanceId");
  }

  @Override
  public Reading read(JsonNode body, Instant receivedAt) {
    if (!body.path("type").asString("").equals("ReceivedCallback")
        || Stream.of("fromMe", "isGroup", "isNewsletter", "broadcast")
            .anyMatch(field -> Json.isTrue(body.path(field)))) {
      return Reading.nothing();
    }
    @Nullable String url = Json.text(body, "senderPhoto", "photo");
    var at = Json.time(receivedAt, body.path("momment"));
    return Reading.of(
        person(body)
            .map(person -> new Sighting(person, Json.text(body, "instanceId"), url, false, at))
            .stream()
            .toList());
  }

  private Optional<Person> person(JsonNode body) {
    @Nullable String written = Json.text(body, "phone");
    if (written == null || (written.indexOf('-') >= 0 && written.indexOf('@') < 0)) {
      return Optional.empty();
    }
    Optional<PhoneNumber> phone =
        written.indexOf('@') >= 0 ? Optional.empty() : phones.parse(written);
    return Person.of(body)
        .or(() -> Optional.of(new Person(null, null)))
        .map(found -> found.orPhone(phone))
        .filter(found -> found.phone() != null || found.lid() != null);
  }
}
