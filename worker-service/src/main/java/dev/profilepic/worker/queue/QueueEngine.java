package dev.profilepic.worker.queue;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.trace.Tracer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.SmartLifecycle;

/**
 * The engine as one part that starts and stops. Stopping drains: there are no more claims, running
 * work may finish within the drain timeout, and the rest is given back at once and uncounted.
 */
final class QueueEngine implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(QueueEngine.class);
  private static final Duration LONGEST_CLAIM = Duration.ofSeconds(5);

  /** Batches that may run at once. An instance starts one batch in {@code spacing}. */
  private static final int MOST_BATCHES = 32;

  private final QueueSql queue;
  private final QueueProperties properties;
  private final InFlight inFlight = new InFlight();
  private final Signal claimSignal = new Signal();
  private final Signal batchSignal = new Signal();
  private final Signal keeperSignal = new Signal();
  private final WaitingLines lines = new WaitingLines(System::nanoTime);
  private final EngineLoop claiming;
  private final EngineLoop gathering;
  private final List<EngineLoop> loops = new ArrayList<>();
  private volatile boolean running;

  /**
   * @param died receives the name of a loop that ended by itself
   */
  QueueEngine(
      QueueSql queue,
      LeadWriteSql leads,
      QueueProperties properties,
      BatchProperties batches,
      MessageHandler handler,
      Erasures erasures,
      DefaultInstance defaultInstance,
      JdbcConnectionDetails database,
      MeterRegistry meters,
      Tracer tracer,
      String worker,
      Consumer<String> died) {
    this.queue = queue;
    this.properties = properties;
    var permits = new Permits(properties.concurrency());
    Gauge.builder("profilepic.in.flight", permits, Permits::inUse)
        .description("Messages that run right now")
        .register(meters);
    var leaseLost =
        Counter.builder("profilepic.lease.lost")
            .description("Leases that ran out or were taken over while their message ran")
            .register(meters);
    var writer = new LeadWriter(leads, properties.pollInterval(), meters);
    var settler = new Settler(queue, worker, properties.archive(), writer::add);
    var runner =
        new Runner(
            queue, handler, settler, inFlight, permits, lines, claimSignal, leaseLost, tracer);
    var claimer =
        new Claimer(
            queue,
            properties,
            defaultInstance,
            lines,
            permits,
            inFlight,
            erasures,
            runner,
            System::nanoTime);
    var keeper =
        new LineKeeper(queue, properties, defaultInstance, lines, claimSignal, System::nanoTime);
    this.claiming = new EngineLoop("queue-claim", polling("claiming", claimer, claimSignal), died);
    var batchClaimer =
        new BatchClaimer(
            queue,
            properties,
            batches,
            new Permits(MOST_BATCHES),
            erasures,
            runner,
            System::nanoTime);
    this.gathering =
        new EngineLoop(
            "queue-batches", polling("claiming batches", batchClaimer, batchSignal), died);
    loops.add(new EngineLoop("queue-settle", settler, died));
    loops.add(new EngineLoop("queue-lead-writes", writer, died));
    loops.add(
        new EngineLoop(
            "queue-heartbeat",
            new Heartbeat(queue, inFlight, properties.lease(), leaseLost),
            died));
    loops.add(
        new EngineLoop(
            "queue-lines", polling("the look at the waiting lines", keeper, keeperSignal), died));
    if (properties.listen()) {
      loops.add(new EngineLoop("queue-listen", new QueueListener(database, this::rung), died));
    }
    loops.add(gathering);
    loops.add(claiming);
  }

  @Override
  public void start() {
    PgmqVersion.check(queue);
    SetupCheck.check(queue);
    running = true;
    loops.forEach(EngineLoop::start);
  }

  @Override
  public void stop() {
    claiming.askToStop();
    gathering.askToStop();
    claimSignal.ring();
    batchSignal.ring();
    try {
      // A claim under way may still bring messages, so the wait for running work begins after it.
      claiming.join(LONGEST_CLAIM);
      gathering.join(LONGEST_CLAIM);
      drain();
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
    loops.forEach(EngineLoop::stop);
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Makes the engine look at all lines at once. */
  void wake() {
    rung("*");
  }

  private PollingStep polling(String what, PollingStep.Look look, Signal signal) {
    return new PollingStep(what, look, signal, properties.pollInterval());
  }

  private void rung(String payload) {
    if (lines.rung(payload)) {
      keeperSignal.ring();
    } else {
      claimSignal.ring();
    }
  }

  private void drain() throws InterruptedException {
    long deadline = System.nanoTime() + properties.drainTimeout().toNanos();
    while (!inFlight.isEmpty() && System.nanoTime() < deadline) {
      claimSignal.await(Duration.ofMillis(100));
    }
    var unfinished = inFlight.leases();
    if (unfinished.isEmpty()) {
      log.info("drained: nothing was running any more");
      return;
    }
    unfinished.forEach(inFlight::interrupt);
    try {
      log.info("{} unfinished messages were given back", queue.release(unfinished).size());
    } catch (RuntimeException failure) {
      log.warn(
          "unfinished messages could not be given back, their leases run out: {}",
          failure.getMessage());
    }
  }
}
