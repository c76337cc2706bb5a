package dev.profilepic.worker.queue;

import io.micrometer.core.instrument.Counter;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Runs each message on a virtual thread of its own: handle, settle, make room. */
final class Runner {

  private static final Logger log = LoggerFactory.getLogger(Runner.class);

  private final QueueSql queue;
  private final MessageHandler handler;
  private final Settler settler;
  private final InFlight inFlight;
  private final Permits permits;
  private final Signal signal;
  private final Counter leaseLost;

  Runner(
      QueueSql queue,
      MessageHandler handler,
      Settler settler,
      InFlight inFlight,
      Permits permits,
      Signal signal,
      Counter leaseLost) {
    this.queue = queue;
    this.handler = handler;
    this.settler = settler;
    this.inFlight = inFlight;
    this.permits = permits;
    this.signal = signal;
    this.leaseLost = leaseLost;
  }

  /** Starts a message that has a permit already; the permit is given back when it ends. */
  void start(Delivery delivery) {
    var thread =
        Thread.ofVirtual()
            .name("message-" + delivery.lease().messageId())
            .unstarted(() -> run(delivery));
    // Known before it runs, so that no heartbeat can miss it.
    inFlight.started(
        delivery.lease(), thread, delivery.instanceId() == null ? "" : delivery.instanceId());
    thread.start();
  }

  private void run(Delivery delivery) {
    var lease = delivery.lease();
    try {
      describe(delivery);
      var settlement = handler.handle(delivery);
      if (!inFlight.isOurs(lease)) {
        return;
      }
      if (settlement.disposition() instanceof Disposition.GiveBack) {
        log.info("{}: given back", settlement.outcome());
        queue.release(List.of(lease));
      } else if (settler.settle(settlement).get()) {
        tell(delivery, settlement);
      } else {
        leaseLost.increment();
        log.info("the lease was lost before its result could be settled");
      }
    } catch (InterruptedException lostOrStopping) {
      log.debug("interrupted: the lease was lost or given back");
    } catch (ExecutionException | RuntimeException | Error failure) {
      // Nothing is touched: the lease runs out, the message comes again, and the cap on deliveries
      // ends it.
      log.error("the message could not be handled; its lease will run out", failure);
    } finally {
      inFlight.ended(lease);
      permits.giveBack(1);
      signal.ring();
      MDC.clear();
    }
  }

  private void tell(Delivery delivery, Settlement settlement) {
    try {
      handler.settled(delivery, settlement);
    } catch (RuntimeException failure) {
      log.error("the result is committed, but could not be counted", failure);
    }
  }

  private static void describe(Delivery delivery) {
    // Not "message": that is the name of the text itself in ECS.
    MDC.put("message_id", Long.toString(delivery.lease().messageId()));
    MDC.put("attempt", Integer.toString(delivery.attempts() + 1));
    if (delivery.lead() != null) {
      MDC.put("lead", delivery.lead().id());
    }
    if (delivery.instanceId() != null) {
      MDC.put("instance", delivery.instanceId());
    }
    var trace =
        delivery.traceparent() == null ? new String[0] : delivery.traceparent().split("-", -1);
    if (trace.length == 4) {
      MDC.put("trace.id", trace[1]);
      MDC.put("traceparent", String.join("-", trace));
    }
  }
}
