package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.api.OpenTelemetry;
import java.time.Duration;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Running work: its concurrency limit, its leases, and its end when the engine stops. */
class EngineWorkTest extends EngineTest {

  @Test
  void noMoreMessagesRunAtOnceThanThereArePlaces() {
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    var release = new CountDownLatch(1);
    start(
        new TestQueueProperties().concurrency(3).build(),
        handler(delivery -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          release.await();
          running.decrementAndGet();
          return Results.complete(delivery, "NOT_SET");
        }));
    for (int i = 0; i < 10; i++) {
      fixture.enqueue(fixture.lead());
    }

    await().until(() -> running.get() == 3);
    assertThat(fixture.count("pgmq.q_profile_pic_queue WHERE read_ct > 0"))
        .as("leased, no more than run")
        .isEqualTo(3);
    release.countDown();

    await().until(() -> fixture.queued() == 0);
    assertThat(most).hasValue(3);
  }

  @Test
  void stoppingLetsRunningWorkFinish() {
    var started = new CountDownLatch(1);
    var finish = new CountDownLatch(1);
    start(
        new TestQueueProperties().build(),
        handler(delivery -> {
          started.countDown();
          finish.await();
          return Results.complete(delivery, "NOT_SET");
        }));
    fixture.enqueue(fixture.lead());
    await().until(() -> started.getCount() == 0);

    var stopping = Thread.ofVirtual().start(requireEngine()::stop);
    fixture.enqueue(fixture.lead());
    finish.countDown();

    await().until(() -> !stopping.isAlive());
    assertThat(fixture.count("pgmq.q_profile_pic_queue WHERE read_ct = 0"))
        .as("claimed no more")
        .isEqualTo(1);
    assertThat(fixture.queued()).isEqualTo(1);
  }

  @Test
  void whatDoesNotFinishInTimeIsGivenBackAtOnceAndUncounted() {
    var started = new CountDownLatch(1);
    var interrupted = new CountDownLatch(1);
    start(
        new TestQueueProperties().drainTimeout(Duration.ofMillis(300)).build(),
        untilInterrupted(started, interrupted));
    long message = fixture.enqueue(fixture.lead());
    await().until(() -> started.getCount() == 0);

    requireEngine().stop();

    await().until(() -> interrupted.getCount() == 0);
    var again = fixture.claimOne();
    assertThat(again.lease().messageId()).isEqualTo(message);
    assertThat(again.attempts()).isZero();
    assertThat(again.deliveries()).isEqualTo(1);
  }

  @Test
  void workWhoseLeaseWasTakenOverIsInterruptedAndNotSettled() {
    var started = new CountDownLatch(1);
    var interrupted = new CountDownLatch(1);
    start(
        new TestQueueProperties()
            .lease(Duration.ofSeconds(3))
            .pollInterval(NEVER)
            .drainTimeout(Duration.ofSeconds(1))
            .build(),
        untilInterrupted(started, interrupted));
    long message = fixture.enqueue(fixture.lead());
    requireEngine().wake();
    await().until(() -> started.getCount() == 0);

    fixture.expireLease(message);
    fixture.claimOne();

    await().until(() -> interrupted.getCount() == 0);
    await().until(() -> meters.get("profilepic.lease.lost").counter().count() == 1);
  }

  @Test
  void runningWorkKeepsItsLeaseForAsLongAsItTakes() {
    var finish = new CountDownLatch(1);
    start(
        new TestQueueProperties()
            .lease(Duration.ofSeconds(3))
            .drainTimeout(Duration.ofSeconds(1))
            .build(),
        handler(delivery -> {
          finish.await();
          return Results.complete(delivery, "NOT_SET");
        }));
    fixture.enqueue(fixture.lead());
    await().until(() -> fixture.count("pgmq.q_profile_pic_queue WHERE read_ct = 1") == 1);
    var leasedUntil =
        fixture.one(java.time.OffsetDateTime.class, "SELECT vt FROM pgmq.q_profile_pic_queue");

    await()
        .until(() ->
            fixture
                .one(java.time.OffsetDateTime.class, "SELECT vt FROM pgmq.q_profile_pic_queue")
                .isAfter(leasedUntil));
    finish.countDown();

    await().until(() -> fixture.queued() == 0);
  }

  @Test
  void aLookupThatDidNotBeginInTimeIsGivenBackUncounted() {
    var late = new AtomicInteger();
    var lead = fixture.lead();
    fixture.enqueue(lead);
    start(
        // The first look at all lines finds the message. No other look follows before the test has
        // failed.
        new TestQueueProperties().pollInterval(NEVER).build(),
        handler(delivery -> {
          if (late.getAndIncrement() > 0) {
            return Results.complete(delivery, "NOT_SET");
          }
          return new Settlement(delivery, new Disposition.GiveBack(), "LATE", null, 0, null);
        }));

    await().until(() -> fixture.queued() == 0);
    assertThat(late).hasValue(2);
    assertThat(fixture.picture(lead)).containsEntry("attempts", 0);
  }

  @Test
  void whatIsLeasedMayBeginForTwoSeconds() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    assertThat(fixture.queue.setupProblems()).isEmpty();
    var now = new java.util.concurrent.atomic.AtomicLong();
    var lines = new WaitingLines(now::get);
    lines.rung("demo");
    var seen = new CopyOnWriteArrayList<Boolean>();
    var settler = new Settler(fixture.queue, "test", false, rows -> {});
    var permits = new Permits(1);
    var runner =
        new Runner(
            fixture.queue,
            handler(delivery -> {
              seen.add(delivery.mayBegin().holds());
              now.addAndGet(Duration.ofMillis(2001).toNanos());
              seen.add(delivery.mayBegin().holds());
              return Results.complete(delivery, "NOT_SET");
            }),
            settler,
            new InFlight(),
            permits,
            lines,
            new Signal(),
            meters.counter("lost"),
            OpenTelemetry.noop().getTracer("test"));
    var claimer =
        new Claimer(
            fixture.queue,
            new TestQueueProperties().concurrency(1).pollInterval(NEVER).build(),
            () -> null,
            lines,
            permits,
            new InFlight(),
            deliveries -> deliveries,
            runner,
            now::get);

    assertThat(org.assertj.core.api.Assertions.catchThrowable(claimer::once)).isNull();

    await().until(() -> seen.size() == 2);
    assertThat(seen).containsExactly(true, false);
  }

  /** Returns work that ends only when it is interrupted. */
  private MessageHandler untilInterrupted(CountDownLatch started, CountDownLatch interrupted) {
    return handler(delivery -> {
      started.countDown();
      try {
        new CountDownLatch(1).await();
      } finally {
        interrupted.countDown();
      }
      throw new AssertionError("nobody counts this latch down");
    });
  }
}
