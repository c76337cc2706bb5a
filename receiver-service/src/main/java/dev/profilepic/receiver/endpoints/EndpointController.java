package dev.profilepic.receiver.endpoints;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.profilepic.contract.EndpointKind;
import dev.profilepic.contract.WebhookSecret;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.http.Fields;
import dev.profilepic.receiver.http.Page;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.instances.SourceRules;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The webhook endpoints and their deliveries. */
@RestController
public class EndpointController {

  public record One(boolean success, @JsonUnwrapped Endpoint endpoint) {}

  record Secret(boolean success, String secret) {}

  public record Replayed(boolean success, long events) {}

  private static final String SET_THE_KEY = "set PROFILE_PIC_SOURCES_KEY for receiver and workers";

  private final Endpoints endpoints;
  private final SourceRules rules;
  private final InstantSource clock;

  EndpointController(Endpoints endpoints, SourceRules rules, InstantSource clock) {
    this.endpoints = endpoints;
    this.rules = rules;
    this.clock = clock;
  }

  @GetMapping("/webhook-endpoints")
  public Page<Endpoint> list(
      @RequestParam(defaultValue = "" + Page.DEFAULT_LIMIT) int limit,
      @RequestParam(defaultValue = "" + Long.MAX_VALUE) long before,
      Caller caller) {
    int most = Page.limit(limit);
    return Page.of(endpoints.list(caller, before, most + 1), most, Endpoint::id);
  }

  /**
   * Adds an endpoint. Its secret is not in this answer, because answers to calls with an
   * idempotency key are stored.
   */
  @PostMapping("/webhook-endpoints")
  @ResponseStatus(HttpStatus.CREATED)
  One add(@RequestBody(required = false) @Nullable JsonNode body, Caller caller) {
    var fields = new EndpointFields(body);
    var kind = fields.kind();
    var endpoint = JsonNodeFactory.instance.objectNode();
    endpoint.put("kind", kind.id()).put("url", fields.url(rules, kind));
    endpoint.set("events", list(fields.events(kind)));
    putInstances(fields, caller, endpoint);
    endpoint.set("settings", fields.settings(kind));
    endpoint.put("description", fields.description());
    var credential = fields.credential(kind);
    if (rules.credentials().isEmpty()) {
      fields.reject("url", "cannot be told anything: " + SET_THE_KEY);
    }
    fields.check();
    long id =
        endpoints
            .add(caller, kind, endpoint, credential == null ? WebhookSecret.generate() : credential)
            .orElseThrow(EndpointController::unknown);
    return one(caller, id);
  }

  @GetMapping("/webhook-endpoints/{id}")
  public One get(@PathVariable long id, Caller caller) {
    return one(caller, id);
  }

  /**
   * Changes an endpoint. Fields that are absent stay as they are. The url cannot change, because
   * the secret belongs to this url: another url needs another endpoint.
   */
  @PatchMapping("/webhook-endpoints/{id}")
  One change(
      @PathVariable long id,
      @RequestBody(required = false) @Nullable JsonNode body,
      Caller caller) {
    var before = one(caller, id).endpoint();
    var kind = EndpointKind.of(before.kind()).orElseThrow();
    var fields = new EndpointFields(body);
    var changes = JsonNodeFactory.instance.objectNode();
    if (fields.has("events")) {
      changes.set("events", list(fields.events(kind)));
    }
    if (fields.has("instances")) {
      putInstances(fields, caller, changes);
      if (changes.path("instances").isNull() && caller.isBound()) {
        fields.reject("instances", "must be some of the key's own");
      }
    }
    if (fields.has("settings")) {
      changes.set("settings", fields.settings(kind));
    }
    if (fields.has("description")) {
      changes.put("description", fields.description());
    }
    if (fields.has("enabled")) {
      changes.put("enabled", fields.flag("enabled"));
    }
    for (var fixed : new String[] {"kind", "url"}) {
      if (fields.has(fixed)) {
        fields.reject(fixed, "cannot be changed: add another endpoint");
      }
    }
    if (fields.has("credential")) {
      credential(fields, kind, before, changes);
    }
    fields.check();
    if (!endpoints.change(caller, id, changes)) {
      throw unknown();
    }
    return one(caller, id);
  }

  @DeleteMapping("/webhook-endpoints/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void drop(@PathVariable long id, Caller caller) {
    if (!endpoints.drop(caller, id)) {
      throw unknown();
    }
  }

  @GetMapping("/webhook-endpoints/{id}/secret")
  Secret secret(@PathVariable long id, Caller caller) {
    if (kindOf(one(caller, id).endpoint()) != EndpointKind.WEBHOOK) {
      throw new ProblemException(
          Problem.CONFLICT, "Its secret cannot be told: it is not a webhook's of ours.");
    }
    requireKey();
    return new Secret(
        true,
        endpoints
            .secret(caller, id)
            .orElseThrow(() ->
                new ProblemException(
                    Problem.CONFLICT,
                    "Its secret does not open with this PROFILE_PIC_SOURCES_KEY: make another one"
                        + " with POST /webhook-endpoints/"
                        + id
                        + "/secret/rotate, or bring back the key that it was sealed with.")));
  }

  /** Replaces the secret. For one day, deliveries are signed with the former secret too. */
  @PostMapping("/webhook-endpoints/{id}/secret/rotate")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void rotate(@PathVariable long id, Caller caller) {
    var endpoint = one(caller, id).endpoint();
    if (kindOf(endpoint) != EndpointKind.WEBHOOK) {
      throw new ProblemException(
          Problem.CONFLICT, "Only a webhook's secret is ours: change its credential with PATCH.");
    }
    requireKey();
    if (!endpoints.change(caller, id, endpoints.newSecret(endpoint, WebhookSecret.generate()))) {
      throw unknown();
    }
  }

  @GetMapping("/webhook-endpoints/{id}/deliveries")
  public Page<Delivery> deliveries(
      @PathVariable long id,
      @RequestParam(defaultValue = "" + Page.DEFAULT_LIMIT) int limit,
      @RequestParam(defaultValue = "" + Long.MAX_VALUE) long before,
      Caller caller) {
    one(caller, id);
    int most = Page.limit(limit);
    return Page.of(endpoints.deliveries(caller, id, before, most + 1), most, Delivery::id);
  }

  /** Sends past events once more, with their original ids. */
  @PostMapping("/webhook-endpoints/{id}/replay")
  public Replayed replay(
      @PathVariable long id,
      @RequestBody(required = false) @Nullable JsonNode body,
      Caller caller) {
    var fields = Fields.of(body);
    var from = time(fields, "from", null);
    var to = time(fields, "to", clock.instant());
    fields.check();
    return new Replayed(
        true, endpoints.replay(caller, id, from, to).orElseThrow(EndpointController::unknown));
  }

  /**
   * @throws ProblemException 403 when an instance is not the caller's
   */
  private static void putInstances(EndpointFields fields, Caller caller, ObjectNode json) {
    var instances = fields.instances();
    if (instances == null) {
      json.putNull("instances");
    } else {
      instances.forEach(caller::authoriseInstance);
      json.set("instances", list(instances));
    }
  }

  /**
   * @throws ProblemException 409 when no key is configured, so that secrets can neither be sealed
   *     nor opened
   */
  private void requireKey() {
    if (rules.credentials().isEmpty()) {
      throw new ProblemException(Problem.CONFLICT, "Its secret is sealed: " + SET_THE_KEY + ".");
    }
  }

  private static EndpointKind kindOf(Endpoint endpoint) {
    return EndpointKind.of(endpoint.kind()).orElseThrow();
  }

  private One one(Caller caller, long id) {
    return new One(true, endpoints.find(caller, id).orElseThrow(EndpointController::unknown));
  }

  private void credential(
      EndpointFields fields, EndpointKind kind, Endpoint endpoint, ObjectNode changes) {
    var credential = fields.credential(kind);
    if (rules.credentials().isEmpty()) {
      fields.reject("credential", "cannot be kept: " + SET_THE_KEY);
    } else if (credential != null) {
      changes.setAll(endpoints.newSecret(endpoint, credential));
    }
  }

  private static Instant time(Fields fields, String name, @Nullable Instant absent) {
    var node = fields.raw(name);
    if (absent != null && (node.isMissingNode() || node.isNull())) {
      return absent;
    }
    try {
      var time = OffsetDateTime.parse(node.asString("")).toInstant();
      // Postgres has no later times.
      if (time.isBefore(Instant.EPOCH.plus(365_000 * 24L, ChronoUnit.HOURS))
          && time.isAfter(Instant.EPOCH)) {
        return time;
      }
    } catch (DateTimeException notATime) {
      // The value is rejected below.
    }
    fields.reject(name, "must be a time, for example 2026-11-22T12:00:00Z");
    return Instant.EPOCH;
  }

  private static ArrayNode list(List<String> texts) {
    var list = JsonNodeFactory.instance.arrayNode();
    texts.forEach(list::add);
    return list;
  }

  private static ProblemException unknown() {
    return new ProblemException(Problem.NOT_FOUND, "There is no webhook endpoint of this id.");
  }
}
