package dev.profilepic.worker.bridge;

import static dev.profilepic.worker.bridge.BridgeHttp.encoded;
import static java.util.stream.Collectors.joining;

import dev.profilepic.contract.ErasedPerson;
import dev.profilepic.worker.bridge.LookupCircuit.Effect;
import dev.profilepic.worker.tracing.Step;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Looks pictures up at the bridge. Every failure on the way is mapped to a {@link Lookup} here and
 * nowhere else. A circuit breaker for the bridge and one for each instance hold back calls that
 * cannot succeed.
 */
@Component
public class BridgeClient {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final Lookup OPEN = new Lookup.BridgeDown("the circuit breaker is open");

  /**
   * The result when the bridge has the question and does not answer. The silence counts as the
   * instance's failure. It counts as the bridge's failure only where several instances are waiting;
   * otherwise one instance that hangs would stop all instances.
   */
  private static final Lookup.InstanceDown SILENT =
      new Lookup.InstanceDown("the bridge did not answer in time");

  private final BridgeHttp http;
  private final CircuitBreaker breaker;
  private final InstanceCircuits instances;
  private final LookupTimer timer;
  private final AtomicReference<String> lastSilent = new AtomicReference<>("");

  BridgeClient(
      BridgeHttp http,
      CircuitBreakerRegistry breakers,
      InstanceCircuits instances,
      LookupTimer timer) {
    this.http = http;
    this.breaker = breakers.circuitBreaker("bridge");
    this.instances = instances;
    this.timer = timer;
  }

  /**
   * Asks for the picture of a contact. Blocks for as long as the bridge's timeout at the most.
   *
   * @param instanceId the WhatsApp number to ask through
   * @param phone digits only
   * @param knownId WhatsApp's id of the picture that we have, so that the bridge does not send the
   *     same picture again; null to get the picture in any case
   * @param queries receives the number of queries to WhatsApp that the answer cost
   * @throws InterruptedException when the thread was interrupted
   */
  public Lookup find(String instanceId, String phone, @Nullable String knownId, IntConsumer queries)
      throws InterruptedException {
    var known = isId(knownId) ? "&known_id=" + knownId : "";
    return guarded(
        instanceId,
        http.get(
            "/instances/%s/profile-picture?phone=%s&type=image%s"
                .formatted(encoded(instanceId), phone, known)),
        response -> LookupReader.read(response, queries));
  }

  /**
   * Asks to whom a LID belongs. The bridge answers from the messages that it has seen, and does not
   * ask WhatsApp.
   *
   * @param lid its digits
   * @return the person's id by number; empty when the bridge does not know the LID
   * @throws IOException when the bridge could not be asked, or could not answer for this instance
   */
  public Optional<String> whose(String instanceId, String lid) throws IOException {
    if (instances.isOpen(instanceId) || breaker.getState() == CircuitBreaker.State.OPEN) {
      throw new IOException("a circuit breaker is open");
    }
    try {
      return http.execute(
          http.get("/instances/" + encoded(instanceId) + "/lids/" + encoded(lid)),
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
   * @param queries receives the number of queries to WhatsApp that the answer cost
   * @throws InterruptedException when the thread was interrupted
   */
  public PictureIds findIds(String instanceId, List<Person> people, IntConsumer queries)
      throws InterruptedException {
    var contacts = Map.of("contacts", people.stream().map(Person::asContact).toList());
    var answer = new AtomicReference<PictureIds>();
    var lookup =
        guarded(
            instanceId,
            http.post(
                "/instances/" + encoded(instanceId) + "/picture-ids",
                JSON.writeValueAsBytes(contacts)),
            response -> {
              var ids = LookupReader.readIds(response, people.size(), queries);
              answer.set(ids);
              // The circuits count a batch that was answered as a success.
              return ids instanceof PictureIds.Failed(var why) ? why : new Lookup.Unknown();
            });
    var ids = answer.get();
    return ids != null ? ids : new PictureIds.Failed(lookup);
  }

  /**
   * A person in a batch.
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

  /**
   * Tells the bridge to forget a person: addresses, keys, tokens, events under way. Repeating the
   * call is harmless.
   *
   * @throws IOException when the bridge did not confirm the removal
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
    int status = http.execute(http.delete(path), ClassicHttpResponse::getCode);
    if (status / 100 != 2) {
      throw new IOException("it answered " + status);
    }
  }

  /**
   * Asks behind both circuit breakers. Inside, silence is the instance's failure; callers see it as
   * the bridge's.
   */
  private Lookup guarded(
      String instanceId, HttpUriRequestBase request, HttpClientResponseHandler<Lookup> reader)
      throws InterruptedException {
    var lookup =
        instances.guard(
            instanceId,
            () ->
                LookupCircuit.ask(
                    breaker, OPEN, found -> effect(instanceId, found), () -> ask(request, reader)));
    return lookup == SILENT ? new Lookup.BridgeDown(SILENT.why()) : lookup;
  }

  private Lookup ask(HttpUriRequestBase request, HttpClientResponseHandler<Lookup> reader)
      throws InterruptedException {
    long start = System.nanoTime();
    Step.addTo(request);
    Lookup lookup;
    try {
      lookup = http.execute(request, reader);
    } catch (IOException | JacksonException failure) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      lookup = failed(failure);
    }
    timer.record("bridge", lookup, System.nanoTime() - start);
    return lookup;
  }

  /** The effect of a lookup on the bridge's circuit breaker. */
  private Effect effect(String instanceId, Lookup lookup) {
    if (lookup == SILENT) {
      var silentBefore = lastSilent.getAndSet(instanceId);
      return silentBefore.isEmpty() || silentBefore.equals(instanceId)
          ? Effect.NONE
          : Effect.FAILURE;
    }
    return lookup instanceof Lookup.BridgeDown ? Effect.FAILURE : Effect.SUCCESS;
  }

  /** A bridge that cannot be reached is down. A bridge that was reached may only be silent. */
  private static Lookup failed(Exception failure) {
    return switch (failure) {
      case ConnectTimeoutException _ -> new Lookup.BridgeDown("ConnectTimeoutException");
      case SocketTimeoutException _ -> SILENT;
      case JacksonException _ -> new Lookup.BridgeDown("an answer that is not JSON");
      default -> new Lookup.BridgeDown(failure.getClass().getSimpleName());
    };
  }

  /** Whether WhatsApp may have given this id. The bridge refuses other gateways' ids. */
  private static boolean isId(@Nullable String knownId) {
    return knownId != null && knownId.matches("[0-9]{1,20}");
  }
}
