package dev.profilepic.receiver.webhooks;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.Phones;
import dev.profilepic.receiver.matching.Lids;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * A VPS with Baileys: flat ({@code from}, {@code fromMe}, {@code leadId}), or Baileys' own {@code
 * messages.upsert} and {@code contacts.update} with the number beside the list.
 */
@Component
final class WhatsAppWebReader implements WebhookReader {

  private final Phones phones;

  WhatsAppWebReader(Phones phones) {
    this.phones = phones;
  }

  @Override
  public String kind() {
    return "whatsapp-web";
  }

  @Override
  public boolean recognises(JsonNode body) {
    boolean flat = body.has("from") && (body.has("fromMe") || body.has("leadId"));
    var event = Json.event(body);
    boolean passedOn = event.startsWith("messages.") || event.startsWith("contacts.");
    return (flat && !body.has("session")) || (passedOn && body.path("data").isContainer());
  }

  @Override
  public boolean understands(JsonNode body) {
    return !Json.event(body).isEmpty()
        || Json.text(body, "phone", "from", "number", "leadId", "lead_id") != null;
  }

  @Override
  public Reading read(JsonNode body, Instant receivedAt) {
    var event = Json.event(body);
    var data = body.path("data");
    if (event.equals("lid-mapping.update")) {
      return LidMappings.of(data, instance(body), Json.time(receivedAt, body.path("timestamp")));
    }
    if (!event.isEmpty() && !event.startsWith("message") && !event.startsWith("contacts.")) {
      return Reading.nothing();
    }
    if (Json.isTrue(body.path("fromMe"))) {
      return Reading.nothing();
    }
    var people = event.startsWith("contacts.") ? Json.objects(data) : messages(data);
    if (people.isEmpty()) {
      return Reading.of(flat(body, receivedAt));
    }
    var sightings = new ArrayList<Sighting>();
    for (var each : people) {
      // The number beside the list belongs to its only element.
      var beside = people.size() == 1 ? number(body) : Optional.<PhoneNumber>empty();
      sightings.addAll(listed(body, each, beside, receivedAt));
    }
    return Reading.of(sightings);
  }

  private static List<JsonNode> messages(JsonNode data) {
    return Json.objects(data.isArray() ? data : data.path("messages"));
  }

  private List<Sighting> listed(
      JsonNode body, JsonNode each, Optional<PhoneNumber> beside, Instant receivedAt) {
    var key = each.path("key");
    if (Json.isTrue(key.path("fromMe")) || Json.isTrue(each.path("fromMe"))) {
      return List.of();
    }
    var at = Json.time(receivedAt, each.path("messageTimestamp"), body.path("timestamp"));
    @Nullable String own = Json.pictureUrl(each);
    var url = own != null ? own : Json.pictureUrl(key);
    return Person.of(key.isObject() ? new JsonNode[] {key, each} : new JsonNode[] {each})
        .map(person -> sighting(body, person, beside, url, Json.saysPictureChanged(each), at))
        .stream()
        .toList();
  }

  private List<Sighting> flat(JsonNode body, Instant receivedAt) {
    var at = Json.time(receivedAt, body.path("timestamp"));
    var from = body.path("from").asString("");
    var number = number(body);
    var person =
        from.indexOf('@') >= 0 ? Person.of(body) : number.map(phone -> new Person(phone, null));
    @Nullable String inData = Json.pictureUrl(body.path("data"));
    var url = inData != null ? inData : Json.pictureUrl(body);
    return person.map(found -> sighting(body, found, number, url, false, at)).stream().toList();
  }

  /**
   * Returns a sighting. A number beside the message is used when the message itself has no number.
   */
  private static Sighting sighting(
      JsonNode body,
      Person person,
      Optional<PhoneNumber> beside,
      @Nullable String url,
      boolean changed,
      Instant at) {
    return new Sighting(
        Json.text(body, "leadId", "lead_id"),
        person.orPhone(beside),
        person.phone() == null ? Lids.Source.BESIDE : Lids.Source.MESSAGE,
        instance(body),
        url,
        changed,
        at);
  }

  private static @Nullable String instance(JsonNode body) {
    return Json.text(body, "instanceId", "instance_id", "instance");
  }

  private Optional<PhoneNumber> number(JsonNode body) {
    return Optional.ofNullable(Json.text(body, "phone", "from", "number"))
        .filter(text -> text.indexOf('@') < 0)
        .flatMap(phones::parse);
  }
}
