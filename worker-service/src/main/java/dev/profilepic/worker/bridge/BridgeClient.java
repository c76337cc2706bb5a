package dev.profilepic.worker.bridge;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Asks the bridge. Whatever goes wrong on the way is mapped here, once, to a {@link Lookup}; a
 * circuit breaker keeps calls from being made that cannot succeed.
 */
@Component
public class BridgeClient {

  private final RestClient http;
  private final CircuitBreaker breaker;
  private final MeterRegistry meters;

  BridgeClient(RestClient bridgeHttp, CircuitBreakerRegistry breakers, MeterRegistry meters) {
    this.http = bridgeHttp;
    this.breaker = breakers.circuitBreaker("bridge");
    this.meters = meters;
  }

  /**
   * Asks for the picture of a contact. Blocks for as long as the bridge's timeout at the most.
   *
   * @param instanceId the WhatsApp number to ask through
   * @param phone digits only
   * @throws InterruptedException when the caller was told to give up
   */
  public Lookup find(String instanceId, String phone) throws InterruptedException {
    if (!breaker.tryAcquirePermission()) {
      return new Lookup.BridgeDown("the circuit breaker is open");
    }
    long start = System.nanoTime();
    Lookup lookup;
    try {
      lookup = ask(instanceId, phone);
    } catch (RuntimeException failure) {
      if (Thread.interrupted()) {
        breaker.releasePermission();
        throw new InterruptedException();
      }
      lookup = new Lookup.BridgeDown(describe(failure));
    }
    long elapsed = System.nanoTime() - start;
    if (lookup instanceof Lookup.BridgeDown down) {
      breaker.onError(elapsed, TimeUnit.NANOSECONDS, new IOException(down.why()));
    } else {
      breaker.onSuccess(elapsed, TimeUnit.NANOSECONDS);
    }
    timer(lookup).record(elapsed, TimeUnit.NANOSECONDS);
    return lookup;
  }

  /** An instance that the bridge reports open; empty when there is none or the bridge is away. */
  public Optional<String> anyOpenInstance() {
    try {
      var answer = http.get().uri("/instances").retrieve().body(JsonNode.class);
      for (var instance :
          answer == null ? java.util.List.<JsonNode>of() : answer.path("instances")) {
        if ("open".equals(instance.path("state").asString(""))) {
          return Optional.ofNullable(text(instance, "id"));
        }
      }
      return Optional.empty();
    } catch (RuntimeException away) {
      return Optional.empty();
    }
  }

  private Lookup ask(String instanceId, String phone) {
    var request =
        http.get()
            .uri(uri ->
                uri.path("/instances/{id}/profile-picture")
                    .queryParam("phone", phone)
                    .queryParam("type", "image")
                    .build(instanceId));
    @Nullable String traceparent = MDC.get("traceparent");
    if (traceparent != null) {
      request = request.header("traceparent", traceparent);
    }
    return request.exchangeForRequiredValue((asked, answer) ->
        LookupReader.read(answer.getStatusCode().value(), answer.getHeaders(), answer.getBody()));
  }

  private Timer timer(Lookup lookup) {
    var status =
        lookup
            .getClass()
            .getSimpleName()
            .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
            .toLowerCase(Locale.ROOT);
    return Timer.builder("profilepic.lookup")
        .description("Lookups at the bridge")
        .tag("status", status)
        .publishPercentileHistogram()
        .register(meters);
  }

  private static String describe(RuntimeException failure) {
    if (failure instanceof ResourceAccessException && failure.getCause() != null) {
      return failure.getCause().getClass().getSimpleName();
    }
    return failure instanceof JacksonException
        ? "an answer that is not JSON"
        : failure.getClass().getSimpleName();
  }

  private static @Nullable String text(JsonNode node, String field) {
    return node.path(field).isString() ? node.path(field).asString() : null;
  }
}
