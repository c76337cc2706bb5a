package dev.profilepic.worker.bridge;

import static java.util.stream.Collectors.joining;

import dev.profilepic.contract.ErasedPerson;
import dev.profilepic.contract.PathSegment;
import dev.profilepic.worker.exchanges.ExchangeDeadlines;
import dev.profilepic.worker.tracing.Step;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpDelete;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * Asks the bridge. Every failure on the way is mapped to a {@link Lookup} here and nowhere else. A
 * circuit breaker for the bridge and one for each instance hold back calls that cannot succeed.
 */
@Component
public class BridgeClient {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * The bridge has the question and does not answer. The silence counts as the instance's failure.
   * It counts as the bridge's failure only where several instances are waiting; otherwise one
   * number that hangs would stop all.
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
    return guarded(
        instanceId,
        get(path(instanceId, phone, knownId)),
        response -> LookupReader.read(response, queries));
  }

  /**
   * Asks to whom a LID belongs. The bridge answers from what it has seen; WhatsApp is not asked.
   *
   * @param lid its digits
   * @return the person's id by number; empty when the bridge has not seen it
   * @throws IOException when the bridge could not be asked, or could not answer for this instance
   */
  public Optional<String> whose(String instanceId, String lid) throws IOException {
    if (instances.isOpen(instanceId) || breaker.getState() == CircuitBreaker.State.OPEN) {
      throw new IOException("a circuit breaker is open");
    }
    var request = get("/instances/" + encoded(instanceId) + "/lids/" + encoded(lid));
    try (var deadline = deadlines.of(request, timeout)) {
      return http.execute(
          request,
          response -> {
            if (response.getCode() != 200) {
              throw new IOException("it answered " + response.getCode());
            }
            var jid = JSON.readTree(response.getEntity().getContent()).path("jid");
            return jid.isString() ? Optional.of(jid.asString()) : Optional.<String>empty();
          });
    } catch (JacksonException notJson) {
      throw new IOException("an answer that is not JSON");
    }
  }

  /**
   * Asks which pictures many people have. Blocks for as long as the bridge's timeout at the most.
   *
   * @param people a hundred at the most
   * @param queries is told how many queries to WhatsApp the answer cost
   * @throws InterruptedException when the caller was told to give up
   */
  public PictureIds findIds(String instanceId, List<Person> people, IntConsumer queries)
      throws InterruptedException {
    var request =
        authorized(new HttpPost(base + "/instances/" + encoded(instanceId) + "/picture-ids"));
    request.setEntity(
        new ByteArrayEntity(
            JSON.writeValueAsBytes(
                Map.of("contacts", people.stream().map(Person::asContact).toList())),
            ContentType.APPLICATION_JSON));
    var told = new AtomicReference<PictureIds>();
    var lookup =
        guarded(
            instanceId,
            request,
            response -> {
              var ids = LookupReader.readIds(response, people.size(), queries);
              told.set(ids);
              // The circuits count it as an answer, about nobody's picture.
              return ids instanceof PictureIds.Failed(var why) ? why : new Lookup.Unknown();
            });
    var ids = told.get();
    return ids != null ? ids : new PictureIds.Failed(lookup);
  }

  /**
   * One of many people who are asked about.
   *
   * @param phone digits only
   * @param knownId as for a single lookup
   */
  public record Person(String phone, @Nullable String knownId) {

    private Map<String, String> asContact() {
      return isId(knownId)
          ? Map.of("phone", phone, "known_id", Objects.requireNonNull(knownId))
          : Map.of("phone", phone);
    }
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

  /**
   * The budgets that the bridge allows its instances, as JSON by their ids; empty when it is away.
   */
  public Map<String, String> budgets() {
    var budgets = new HashMap<String, String>();
    for (var instance : overview().path("instances")) {
      if (instance.path("id").isString() && instance.path("budget").isObject()) {
        budgets.put(instance.path("id").asString(), instance.path("budget").toString());
      }
    }
    return budgets;
  }

  /** The bridge's report on itself and its instances; a missing node when it is away. */
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
    var request = authorized(new HttpDelete(base + path));
    try (var deadline = deadlines.of(request, timeout)) {
      int status = http.execute(request, ClassicHttpResponse::getCode);
      if (status / 100 != 2) {
        throw new IOException("it answered " + status);
      }
    }
  }

  /**
   * Asks behind both circuit breakers. Silence concerns the instance here, and callers the bridge.
   */
  private Lookup guarded(
      String instanceId, HttpUriRequestBase request, HttpClientResponseHandler<Lookup> reader)
      throws InterruptedException {
    var lookup = instances.guard(instanceId, () -> askIfItIsThere(instanceId, request, reader));
    return lookup == SILENT ? new Lookup.BridgeDown(SILENT.why()) : lookup;
  }

  private Lookup askIfItIsThere(
      String instanceId, HttpUriRequestBase request, HttpClientResponseHandler<Lookup> reader)
      throws InterruptedException {
    if (!breaker.tryAcquirePermission()) {
      return new Lookup.BridgeDown("the circuit breaker is open");
    }
    long start = System.nanoTime();
    Lookup lookup;
    Step.addTo(request);
    var deadline = deadlines.of(request, timeout);
    try (deadline) {
      lookup = http.execute(request, reader);
    } catch (IOException | JacksonException failure) {
      if (Thread.interrupted()) {
        breaker.releasePermission();
        throw new InterruptedException();
      }
      lookup =
          deadline.hasPassed() || isSilence(failure)
              ? SILENT
              : new Lookup.BridgeDown(describe(failure));
    } catch (RuntimeException bug) {
      breaker.releasePermission();
      throw bug;
    }
    long elapsed = System.nanoTime() - start;
    if (lookup == SILENT && !isSilentForOthersToo(instanceId)) {
      breaker.releasePermission();
    } else if (lookup == SILENT || lookup instanceof Lookup.BridgeDown) {
      breaker.onError(elapsed, TimeUnit.NANOSECONDS, new IOException("no answer"));
    } else {
      breaker.onSuccess(elapsed, TimeUnit.NANOSECONDS);
    }
    timer.record("bridge", lookup, elapsed);
    return lookup;
  }

  /**
   * Whether the bridge was reached and then did not answer. A bridge that was not reached is away.
   */
  private static boolean isSilence(Exception failure) {
    return failure instanceof SocketTimeoutException
        && !(failure instanceof ConnectTimeoutException);
  }

  /** Whether the silence before this one concerned another instance. */
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
        + (isId(knownId) ? "&known_id=" + knownId : "");
  }

  /**
   * Whether an id can be WhatsApp's own. The bridge refuses a question with another gateway's id.
   */
  private static boolean isId(@Nullable String knownId) {
    return knownId != null && knownId.matches("[0-9]{1,20}");
  }

  private static String encoded(String text) {
    return PathSegment.of(text);
  }

  private HttpGet get(String path) {
    return authorized(new HttpGet(base + path));
  }

  private <R extends HttpUriRequestBase> R authorized(R request) {
    request.setHeader(HttpHeaders.AUTHORIZATION, authorization);
    return request;
  }

  private static String describe(Exception failure) {
    return failure instanceof JacksonException
        ? "an answer that is not JSON"
        : failure.getClass().getSimpleName();
  }
}
