package dev.profilepic.worker.sources;

import dev.profilepic.contract.SourceUrlPolicy;
import dev.profilepic.worker.bridge.InstanceCircuits;
import dev.profilepic.worker.bridge.Lookup;
import dev.profilepic.worker.bridge.LookupCircuit;
import dev.profilepic.worker.bridge.LookupCircuit.Effect;
import dev.profilepic.worker.bridge.LookupTimer;
import dev.profilepic.worker.exchanges.Deadline;
import dev.profilepic.worker.exchanges.FencedHttp;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.IntConsumer;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.springframework.boot.http.client.FilteredHostException;
import tools.jackson.core.JacksonException;

/**
 * A gateway as the source of one instance's pictures. Like the bridge's client it maps every
 * failure to a {@link Lookup}, behind a circuit breaker for the instance and one for the gateway.
 */
final class GatewaySource implements PictureSource {

  private static final Lookup OPEN = new Lookup.BridgeDown("the gateway's circuit breaker is open");

  private final Target target;
  private final Gateway gateway;
  private final FencedHttp http;
  private final InstanceCircuits instances;
  private final CircuitBreaker breaker;
  private final LookupTimer timer;
  private final Duration timeout;

  GatewaySource(
      Target target,
      FencedHttp http,
      InstanceCircuits instances,
      CircuitBreaker breaker,
      LookupTimer timer,
      Duration timeout) {
    this.target = target;
    this.gateway = Gateway.of(target.kind());
    this.http = http;
    this.instances = instances;
    this.breaker = breaker;
    this.timer = timer;
    this.timeout = timeout;
  }

  @Override
  public Lookup find(Question question, IntConsumer queries) throws InterruptedException {
    return instances.guard(
        question.instanceId(),
        () ->
            LookupCircuit.ask(breaker, OPEN, GatewaySource::effect, () -> ask(question, queries)));
  }

  @Override
  public boolean resolvesLids() {
    return gateway.resolvesLids(target);
  }

  /** Asks, unless a circuit is open. The answer neither opens nor closes a circuit. */
  @Override
  public LidAnswer resolve(String instanceId, String lid) throws InterruptedException {
    if (instances.isOpen(instanceId) || breaker.getState() == CircuitBreaker.State.OPEN) {
      return new LidAnswer.Down("a circuit breaker is open");
    }
    var conversation =
        new Conversation(target, gateway.credentialHeader(), http, Deadline.in(timeout));
    try {
      return gateway.resolve(conversation, lid);
    } catch (IOException | JacksonException | FilteredHostException failure) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      return new LidAnswer.Down(failure.getClass().getSimpleName());
    }
  }

  private Lookup ask(Question question, IntConsumer queries) throws InterruptedException {
    long start = System.nanoTime();
    var conversation =
        new Conversation(target, gateway.credentialHeader(), http, Deadline.in(timeout));
    Lookup lookup;
    try {
      lookup = gateway.find(conversation, question);
    } catch (IOException | JacksonException | FilteredHostException failure) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      lookup = failed(failure);
    }
    queries.accept(conversation.queries());
    timer.record(target.kind().id(), lookup, System.nanoTime() - start);
    return lookup;
  }

  /** The effect of a lookup on the gateway's circuit breaker. */
  private static Effect effect(Lookup lookup) {
    return lookup instanceof Lookup.BridgeDown ? Effect.FAILURE : Effect.SUCCESS;
  }

  private static Lookup failed(Exception failure) {
    return switch (failure) {
      case FilteredHostException _ ->
          new Lookup.InstanceDown(
              "the gateway has no public address, and its origin is not one of "
                  + SourceUrlPolicy.TRUSTED_ORIGINS);
      case ConnectTimeoutException _ -> new Lookup.BridgeDown("the gateway cannot be reached");
      // The gateway took the question. Either it hangs or WhatsApp is silent; we cannot tell.
      case SocketTimeoutException _ -> new Lookup.NoAnswer();
      case JacksonException _ -> new Lookup.BridgeDown("an answer that is not JSON");
      default -> new Lookup.BridgeDown(failure.getClass().getSimpleName());
    };
  }
}
