package dev.profilepic.worker.bridge;

import static java.util.stream.Collectors.joining;

import dev.profilepic.contract.ErasedPerson;
import dev.profilepic.worker.exchanges.ExchangeDeadlines;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpDelete;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHeaders;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * Asks the bridge. Whatever goes wrong on the way is mapped here, once, to a {@link Lookup}; a
 * circuit breaker for the bridge and one for each instance keep calls from being made that cannot
 * succeed.
 */
@Component
public class BridgeClient {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * The bridge has the question and does not answer. It counts as the instance's failure; as the
   * bridge's only where several instances are waiting, or one number that hangs would stop all.
   */
  private static final Lookup.InstanceDown SILENT =
      new Lookup.InstanceDown("the bridge did not answer in time");

  private final HttpClient http;
  private final String base;
  private final String authorization;
  private final CircuitBreaker breaker;
  private final InstanceCircuits instances;
  private final ExchangeDeadlines deadlines;
  private final Duration timeout;
  private final LookupTimer timer;
  private final AtomicReference<String> lastSilent = new AtomicReference<>("");

  BridgeClient(
      HttpClient bridgeHttp,
      BridgeProperties properties,
      CircuitBreakerRegistry breakers,
      InstanceCircuits instances,
      ExchangeDeadlines deadlines,
      LookupTimer timer) {
    this.http = bridgeHttp;
    this.base = properties.url().toString().replaceFirst("/+$", "");
    this.authorization = "Bearer " + properties.token();
    this.breaker = breakers.circuitBreaker("bridge");
    this.instances = instances;
    this.deadlines = deadlines;
    this.timeout = properties.timeout();
    this.timer = timer;
  }

  /**
   * Asks for the picture of a contact. Blocks for as long as the bridge's timeout at the most.
   *
   * @param instanceId the WhatsApp number to ask through
   * @param phone digits only
   * @param knownId WhatsApp's id of the picture that we have, so that the same one is not told
   *     again; null to be told in any case
   * @param queries is told how many queries to WhatsApp the answer cost
   * @throws InterruptedException when the caller was told to give up
   */
  public Lookup find(String instanceId, String phone, @Nullable String knownId, IntConsumer queries)
      throws InterruptedException {
    var lookup =
        instances.guard(
            instanceId,
            () -> askIfItIsThere(instanceId, path(instanceId, phone, knownId), queries));
    return lookup == SILENT ? new Lookup.BridgeDown(SILENT.why()) : lookup;
  }

  /** An instance that the bridge reports open; empty when there is none or the bridge is away. */
  public Optional<String> anyOpenInstance() {
    for (var instance : overview().path("instances")) {
      if ("open".equals(instance.path("state").asString("")) && instance.path("id").isString()) {
        return Optional.of(instance.path("id").asString());
      }
    }
    return Optional.empty();
  }

  /**
   * How long the bridge takes for a lookup at the most, the wait in its queue included; empty when
   * it does not say so or is away.
   */
  Optional<Duration> longestLookup() {
    var told = overview().path("longest_lookup_ms");
    return told.isIntegralNumber() && told.canConvertToLong()
        ? Optional.of(Duration.ofMillis(told.asLong()))
        : Optional.empty();
  }

  /** What the bridge says of itself and its instances; a missing node when it is away. */
  private JsonNode overview() {
    var request = get("/instances");
    try (var deadline = deadlines.of(request, timeout)) {
      return http.execute(request, response -> JSON.readTree(response.getEntity().getContent()));
    } catch (IOException | JacksonException away) {
      return MissingNode.getInstance();
    }
  }

  /**
   * Tells the bridge to forget a person: addresses, keys, tokens, events under way. Repeating it is
   * harmless.
   *
   * @throws IOException when the bridge did not confirm it
   */
  public void forget(ErasedPerson person) throws IOException {
    var instances =
        person.instances().stream().map(id -> "&instance=" + encoded(id)).collect(joining());
    for (var phone : person.phones()) {
      delete("/contacts?phone=" + encoded(phone) + instances);
    }
    for (var lid : person.lids()) {
      delete("/contacts?jid=" + encoded(lid + "@lid") + instances);
    }
  }

  private void delete(String path) throws IOException {
    var request = new HttpDelete(base + path);
    request.setHeader(HttpHeaders.AUTHORIZATION, authorization);
    try (var deadline = deadlines.of(request, timeout)) {
      int status = http.execute(request, ClassicHttpResponse::getCode);
      if (status / 100 != 2) {
        throw new IOException("it answered " + status);
      }
    }
  }

  private Lookup askIfItIsThere(String instanceId, String path, IntConsumer queries)
      throws InterruptedException {
    if (!breaker.tryAcquirePermission()) {
      return new Lookup.BridgeDown("the circuit breaker is open");
    }
    long start = System.nanoTime();
    Lookup lookup;
    var request = get(path);
    var deadline = deadlines.of(request, timeout);
    try (deadline) {
      lookup = http.execute(request, response -> LookupReader.read(response, queries));
    } catch (IOException | JacksonException failure) {
      if (Thread.interrupted()) {
        breaker.releasePermission();
        throw new InterruptedException();
      }
      lookup =
          deadline.hasPassed() || isSilence(failure)
              ? SILENT
              : new Lookup.BridgeDown(describe(failure));
    }
    long elapsed = System.nanoTime() - start;
    if (lookup == SILENT && !isSilentForOthersToo(instanceId)) {
      breaker.releasePermission();
    } else if (lookup == SILENT || lookup instanceof Lookup.BridgeDown) {
      breaker.onError(elapsed, TimeUnit.NANOSECONDS, new IOException("no answer"));
    } else {
      breaker.onSuccess(elapsed, TimeUnit.NANOSECONDS);
    }
    timer.record(lookup, elapsed);
    return lookup;
  }

  /** Connected, and then no answer: who could not even be reached is away. */
  private static boolean isSilence(Exception failure) {
    return failure instanceof SocketTimeoutException
        && !(failure instanceof ConnectTimeoutException);
  }

  /** Whether the silence before this one was another instance's. */
  private boolean isSilentForOthersToo(String instanceId) {
    var before = lastSilent.getAndSet(instanceId);
    return !before.isEmpty() && !before.equals(instanceId);
  }

  private static String path(String instanceId, String phone, @Nullable String knownId) {
    return "/instances/"
        + encoded(instanceId)
        + "/profile-picture?phone="
        + phone
        + "&type=image"
        + (knownId == null ? "" : "&known_id=" + encoded(knownId));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private HttpGet get(String path) {
    var request = new HttpGet(base + path);
    request.setHeader(HttpHeaders.AUTHORIZATION, authorization);
    @Nullable String traceparent = MDC.get("traceparent");
    if (traceparent != null) {
      request.setHeader("traceparent", traceparent);
    }
    return request;
  }

  private static String describe(Exception failure) {
    return failure instanceof JacksonException
        ? "an answer that is not JSON"
        : failure.getClass().getSimpleName();
  }
}
