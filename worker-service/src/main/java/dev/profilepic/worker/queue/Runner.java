package dev.profilepic.worker.queue;

import dev.profilepic.worker.tracing.Step;
import io.micrometer.core.instrument.Counter;
import io.opentelemetry.api.trace.Tracer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Runs each message on its own virtual thread: handles it, settles it, and gives its permit back.
 */
final class Runner {

  private static final Logger log = LoggerFactory.getLogger(Runner.class);

  private final QueueSql queue;
  private final MessageHandler handler;
  private final Settler settler;
  private final InFlight inFlight;
  private final Permits permits;
  private final WaitingLines lines;
  private final Signal signal;
  private final Counter leaseLost;
  private final Tracer tracer;

  Runner(
      QueueSql queue,
      MessageHandler handler,
      Settler settler,
      InFlight inFlight,
      Permits permits,
      WaitingLines lines,
      Signal signal,
      Counter leaseLost,
      Tracer tracer) {
    this.queue = queue;
    this.handler = handler;
    this.settler = settler;
    this.inFlight = inFlight;
    this.permits = permits;
    this.lines = lines;
    this.signal = signal;
    this.leaseLost = leaseLost;
    this.tracer = tracer;
  }

  /** Starts a message that has a permit already; the permit is given back when it ends. */
  void start(Delivery delivery) {
    var thread =
        Thread.ofVirtual()
            .name("message-" + delivery.lease().messageId())
            .unstarted(() -> run(delivery));
    // The lease is registered before its thread runs, so that no heartbeat can miss it.
    inFlight.started(
        delivery.lease(), thread, delivery.instanceId() == null ? "" : delivery.instanceId());
    thread.start();
  }

  /**
   * Starts the messages of a batch.
   *
   * @param room has a permit for the batch already, which is given back when the batch ends
   */
  void startTogether(List<Delivery> deliveries, Permits room) {
    var instance = deliveries.getFirst().instanceId();
    var thread =
        Thread.ofVirtual()
            .name("batch-" + instance)
            .unstarted(() -> runTogether(deliveries, instance, room));
    deliveries.forEach(delivery -> inFlight.started(delivery.lease(), thread, null));
    thread.start();
  }

  private void runTogether(List<Delivery> deliveries, @Nullable String instance, Permits room) {
    try {
      MDC.put("instance", instance);
      var results = new LinkedHashMap<Settlement, CompletableFuture<Boolean>>();
      for (var settlement : handler.handleTogether(deliveries)) {
        if (inFlight.isOurs(settlement.lease())) {
          results.put(settlement, settler.settle(settlement));
        }
      }
      for (var result : results.entrySet()) {
        await(result.getKey(), result.getValue());
      }
    } catch (InterruptedException lostOrStopping) {
      log.debug("interrupted: the leases were lost or given back");
    } catch (RuntimeException failure) {
      // One message is to blame, and it is not known which one. So each message is handled by
      // itself.
      log.error("a batch could not be handled; its messages go on alone", failure);
      deliveries.stream()
          .filter(delivery -> inFlight.isOurs(delivery.lease()))
          .map(Runner::alone)
          .forEach(settler::settle);
    } finally {
      deliveries.forEach(delivery -> inFlight.ended(delivery.lease()));
      mayBeDue(instance);
      room.giveBack(1);
      signal.ring();
      MDC.clear();
    }
  }

  private static Settlement alone(Delivery delivery) {
    return Settlement.ofTheMessage(delivery, Disposition.Defer.toItsLine(delivery), "PACED", null);
  }

  private void await(Settlement settlement, CompletableFuture<Boolean> settled)
      throws InterruptedException {
    var delivery = settlement.delivery();
    try {
      if (settled.get()) {
        try (var step = Step.message(tracer, delivery.traceparent())) {
          describe(delivery, step);
          step.with("profile_pic.outcome", settlement.outcome());
          tell(delivery, settlement);
        }
      } else {
        leaseLost.increment();
      }
    } catch (ExecutionException failure) {
      log.error("a result of a batch could not be settled; its lease will run out", failure);
    }
    inFlight.ended(delivery.lease());
  }

  private void run(Delivery delivery) {
    var lease = delivery.lease();
    try (var step = Step.message(tracer, delivery.traceparent())) {
      describe(delivery, step);
      run(delivery, step);
    } finally {
      inFlight.ended(lease);
      permits.giveBack(1);
      signal.ring();
      MDC.clear();
    }
  }

  private void run(Delivery delivery, Step step) {
    var lease = delivery.lease();
    try {
      var settlement = handler.handle(delivery);
      step.with("profile_pic.outcome", settlement.outcome());
      if (!inFlight.isOurs(lease)) {
        return;
      }
      if (settlement.disposition() instanceof Disposition.GiveBack) {
        log.info("{}: given back", settlement.outcome());
        queue.release(List.of(lease));
        mayBeDue(delivery.instanceId());
      } else if (settle(settlement)) {
        tell(delivery, settlement);
      } else {
        leaseLost.increment();
        log.info("the lease was lost before its result could be settled");
      }
    } catch (InterruptedException lostOrStopping) {
      log.debug("interrupted: the lease was lost or given back");
    } catch (ExecutionException | RuntimeException | Error failure) {
      // Nothing is touched: the lease runs out, the message comes again, and the cap on deliveries
      // ends the repetition.
      log.error("the message could not be handled; its lease will run out", failure);
      step.failed(failure.getClass().getSimpleName());
    }
  }

  /**
   * Makes a line due. A message that went back to its line is due at once, but the claim that
   * leased it reported that no message was left. So without this call the message would wait for
   * the next look at all lines.
   */
  private void mayBeDue(@Nullable String instance) {
    if (instance != null) {
      lines.rung(instance);
    }
  }

  private boolean settle(Settlement settlement) throws InterruptedException, ExecutionException {
    try (var step = Step.work("settle")) {
      boolean settled = settler.settle(settlement).get();
      step.with("profile_pic.settled", Boolean.toString(settled));
      return settled;
    }
  }

  private void tell(Delivery delivery, Settlement settlement) {
    try {
      handler.settled(delivery, settlement);
    } catch (RuntimeException failure) {
      log.error("the result is committed, but could not be counted", failure);
    }
  }

  private static void describe(Delivery delivery, Step step) {
    // Not "message", which in ECS is the name of the log text itself.
    MDC.put("message_id", Long.toString(delivery.lease().messageId()));
    step.with("messaging.message.id", Long.toString(delivery.lease().messageId()));
    MDC.put("attempt", Integer.toString(delivery.attempts() + 1));
    if (delivery.lead() != null) {
      MDC.put("lead", delivery.lead().id());
      step.with("profile_pic.lead", delivery.lead().id());
    }
    if (delivery.instanceId() != null) {
      MDC.put("instance", delivery.instanceId());
      step.with("profile_pic.instance", delivery.instanceId());
    }
    @Nullable String trace = Step.traceId();
    if (trace != null) {
      MDC.put("trace.id", trace);
    }
  }
}
