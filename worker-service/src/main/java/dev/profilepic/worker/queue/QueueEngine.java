package dev.profilepic.worker.queue;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.SmartLifecycle;

/**
 * The engine as one thing that starts and stops. Stopping drains: no more claims, running work may
 * finish within the drain timeout, the rest is given back at once and uncounted.
 */
public final class QueueEngine implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(QueueEngine.class);
  private static final Duration LONGEST_CLAIM = Duration.ofSeconds(5);

  private final QueueSql queue;
  private final QueueProperties properties;
  private final InFlight inFlight = new InFlight();
  private final Signal signal = new Signal();
  private final Settler settler;
  private final ClaimLoop claimLoop;
  private final Heartbeat heartbeat;
  private final QueueListener listener;
  private final List<Thread> threads = new ArrayList<>();
  private Thread claiming = Thread.currentThread();
  private volatile boolean running;

  QueueEngine(
      QueueSql queue,
      QueueProperties properties,
      MessageHandler handler,
      Supplier<@Nullable String> defaultInstance,
      JdbcConnectionDetails database,
      MeterRegistry meters,
      String worker) {
    this.queue = queue;
    this.properties = properties;
    var slots = new Slots(properties.concurrency());
    var metrics = new EngineMetrics(meters, slots);
    this.settler = new Settler(queue, worker, properties.archive());
    this.claimLoop =
        new ClaimLoop(
            queue,
            properties,
            defaultInstance,
            slots,
            new Runner(handler, settler, inFlight, slots, signal, metrics),
            signal);
    this.heartbeat = new Heartbeat(queue, inFlight, properties.lease(), metrics);
    this.listener = new QueueListener(database, signal);
  }

  @Override
  public void start() {
    PgmqVersion.check(queue);
    running = true;
    launch("queue-settle", settler);
    launch("queue-heartbeat", heartbeat);
    if (properties.listen()) {
      launch("queue-listen", listener);
    }
    claiming = launch("queue-claim", claimLoop);
  }

  @Override
  public void stop() {
    claimLoop.stop();
    try {
      // A claim under way may still bring messages: only after it is there an end to wait for.
      claiming.join(LONGEST_CLAIM);
      drain();
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
    threads.forEach(Thread::interrupt);
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Makes the engine look at once. */
  void wake() {
    signal.ring();
  }

  private void drain() throws InterruptedException {
    long deadline = System.nanoTime() + properties.drainTimeout().toNanos();
    while (!inFlight.isEmpty() && System.nanoTime() < deadline) {
      signal.await(Duration.ofMillis(100));
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

  private Thread launch(String name, Runnable work) {
    var thread = Thread.ofPlatform().name(name).daemon().start(work);
    threads.add(thread);
    return thread;
  }
}
