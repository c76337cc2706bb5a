package dev.profilepic.receiver.webhooks;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.auth.SignedDelivery;
import dev.profilepic.receiver.database.DatabaseCalls;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.http.Trace;
import jakarta.servlet.http.HttpServletRequest;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** {@code POST /webhooks/{kind}}: accepted when everything in it is durable, whatever it was. */
@RestController
class WebhookController {

  private final Map<String, WebhookReader> readers;
  private final Webhooks webhooks;
  private final WebhookReceipts receipts;
  private final DatabaseCalls database;
  private final InstantSource clock;

  WebhookController(
      List<WebhookReader> readers,
      Webhooks webhooks,
      WebhookReceipts receipts,
      DatabaseCalls database,
      InstantSource clock) {
    this.readers =
        readers.stream()
            .collect(Collectors.toUnmodifiableMap(WebhookReader::kind, Function.identity()));
    this.webhooks = webhooks;
    this.receipts = receipts;
    this.database = database;
    this.clock = clock;
  }

  @PostMapping("/webhooks/{kind}")
  @ResponseStatus(HttpStatus.ACCEPTED)
  WebhookAnswer webhook(
      @PathVariable String kind,
      @RequestBody(required = false) @Nullable JsonNode body,
      Caller caller,
      HttpServletRequest request) {
    @Nullable WebhookReader reader = readers.get(kind);
    if (reader == null) {
      throw new ProblemException(
          Problem.NOT_FOUND, "Webhooks are taken from " + String.join(", ", readers.keySet()));
    }
    if (body == null || !body.isObject()) {
      throw new ProblemException(Problem.INVALID, "The body must be a JSON object.");
    }
    var sightings = reader.read(body, clock.instant());
    sightings.forEach(sighting -> caller.speakingFor(sighting.instanceId()));
    if (sightings.isEmpty() && caller.delivery().isEmpty()) {
      return WebhookAnswer.ignored();
    }
    var trace = Trace.parentOf(request);
    return database.patiently(() -> accept(sightings, kind, caller.delivery(), trace));
  }

  private WebhookAnswer accept(
      List<Sighting> sightings, String kind, Optional<SignedDelivery> delivery, String trace) {
    if (delivery.isPresent() && receipts.knows(delivery.get())) {
      return WebhookAnswer.repeated();
    }
    var answer = webhooks.accept(sightings, kind, trace);
    delivery.ifPresent(receipts::remember);
    return answer;
  }
}
