package dev.profilepic.receiver.webhooks;

import dev.profilepic.contract.InstanceId;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.auth.RateLimits;
import dev.profilepic.receiver.database.DatabaseCalls;
import dev.profilepic.receiver.http.FieldError;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.http.Trace;
import dev.profilepic.receiver.http.WebhookBodies;
import dev.profilepic.receiver.http.WebhookBodies.Sender;
import dev.profilepic.receiver.http.WebhookBody;
import jakarta.servlet.http.HttpServletRequest;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes {@code POST /webhooks/{kind}}. The answer is 202 once all content is durable, for any
 * content.
 */
@RestController
public class WebhookController {

  private final WebhookReaders readers;
  private final WebhookBodies bodies;
  private final Webhooks webhooks;
  private final WebhookReceipts receipts;
  private final UnrecognisedWebhooks unrecognised;
  private final GatewayNames names;
  private final DatabaseCalls database;
  private final LongLists longLists;
  private final RateLimits limits;
  private final InstantSource clock;

  WebhookController(
      WebhookReaders readers,
      WebhookBodies bodies,
      Webhooks webhooks,
      WebhookReceipts receipts,
      UnrecognisedWebhooks unrecognised,
      GatewayNames names,
      DatabaseCalls database,
      LongLists longLists,
      RateLimits limits,
      InstantSource clock) {
    this.readers = readers;
    this.bodies = bodies;
    this.webhooks = webhooks;
    this.receipts = receipts;
    this.unrecognised = unrecognised;
    this.names = names;
    this.database = database;
    this.longLists = longLists;
    this.limits = limits;
    this.clock = clock;
  }

  @PostMapping("/webhooks/{kind}")
  @ResponseStatus(HttpStatus.ACCEPTED)
  WebhookAnswer webhook(@PathVariable String kind, Caller caller, HttpServletRequest request) {
    return take(kind, body(request), caller, request);
  }

  /** Takes webhooks of gateways that use a path for each event ({@code byEvents}). */
  @PostMapping("/webhooks/{kind}/{event}")
  @ResponseStatus(HttpStatus.ACCEPTED)
  WebhookAnswer webhook(
      @PathVariable String kind,
      @PathVariable String event,
      Caller caller,
      HttpServletRequest request) {
    var body = body(request);
    if (Stream.of("event", "EventType", "type").noneMatch(body::has)) {
      body.put("event", Json.eventOfPath(event));
    }
    return take(kind, body, caller, request);
  }

  /** The answer of {@code GET /webhooks/unrecognised}. */
  public record Unrecognised(boolean success, List<UnrecognisedWebhooks.Unrecognised> items) {}

  @GetMapping("/webhooks/unrecognised")
  public Unrecognised unrecognised(Caller caller) {
    return new Unrecognised(true, unrecognised.list(caller));
  }

  private ObjectNode body(HttpServletRequest request) {
    var body =
        WebhookBody.readOf(request)
            .orElseGet(() -> bodies.read(request, Sender.KNOWN, List.of()))
            .json();
    if (body == null) {
      throw new ProblemException(Problem.INVALID, "The body must be a JSON object.");
    }
    return body;
  }

  private WebhookAnswer take(
      String kind, ObjectNode body, Caller caller, HttpServletRequest request) {
    var reader = readers.of(kind, body);
    var taken = reader.map(WebhookReader::kind);
    var reading =
        reader
            .map(each -> each.read(body, clock.instant()))
            .orElseGet(Reading::nothing)
            .through(instance -> caller.authoriseInstance(safe(names.instance(instance, caller))));
    if (reader.isPresent() && reading.isEmpty() && caller.delivery().isEmpty()) {
      return WebhookAnswer.ignored(taken.orElse(null));
    }
    var trace = Trace.parentOf(request);
    return within(
        reading,
        caller,
        () -> {
          Supplier<WebhookAnswer> work = () -> accept(kind, taken, reading, body, caller, trace);
          return caller
              .delivery()
              .map(signed ->
                  receipts.once(signed, work, () -> WebhookAnswer.repeated(taken.orElse(null))))
              .orElseGet(work);
        });
  }

  private WebhookAnswer accept(
      String kind,
      Optional<String> taken,
      Reading reading,
      ObjectNode body,
      Caller caller,
      @Nullable String trace) {
    if (taken.isEmpty()) {
      unrecognised.count(kind, caller.instances().stream().sorted().findFirst().orElse(null), body);
      return WebhookAnswer.ignored(null);
    }
    return webhooks.accept(reading, taken.get(), caller, trace);
  }

  /**
   * Does the work within a limited time, and counts its people. A long list is bounded only by the
   * connection's own timeout.
   */
  private WebhookAnswer within(Reading reading, Caller caller, Supplier<WebhookAnswer> work) {
    // The call itself was counted when it came.
    Supplier<WebhookAnswer> counted =
        () -> {
          limits.countEvents(caller, reading.size() - 1);
          return work.get();
        };
    return longLists.isLong(reading)
        ? longLists.inTurn(caller, counted)
        : database.patiently(counted);
  }

  /**
   * Checks an instance's id. Ids stand in keys and urls, so an impossible id from a gateway is
   * refused.
   */
  private static @Nullable String safe(@Nullable String instance) {
    if (instance != null && !InstanceId.isValid(instance)) {
      throw ProblemException.invalid(
          List.of(
              new FieldError(
                  "instance",
                  InstanceId.RULE
                      + ", or the source.name of one that PATCH /instances/{id} was told")));
    }
    return instance;
  }
}
