package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Baileys' {@code lid-mapping.update}: one or several {@code {lid, pn}}. */
final class LidMappings {

  private LidMappings() {}

  static Reading of(JsonNode data, @Nullable String instance, Instant at) {
    return Reading.ofMappings(
        Json.objects(data).stream()
            .flatMap(each -> Person.of(each).stream())
            .map(person -> new Reading.Mapping(person, instance, at))
            .toList());
  }
}
