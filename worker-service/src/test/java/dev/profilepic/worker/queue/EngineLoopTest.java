package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;

class EngineLoopTest {

  private final List<String> died = new CopyOnWriteArrayList<>();

  @Test
  void whateverAStepThrowsTheLoopGoesOn() {
    var steps = new AtomicInteger();
    var failures =
        List.of(
            new IllegalStateException("a bug"),
            new InternalError("as if"),
            new StackOverflowError());
    var loop =
        new EngineLoop(
            "test",
            () -> {
              int step = steps.getAndIncrement();
              if (step < failures.size()) {
                throw EngineLoopTest.<RuntimeException>sneaky(failures.get(step));
              }
              new CountDownLatch(1).await();
            },
            died::add);

    loop.start();

    await().until(() -> steps.get() == 4);
    assertThat(died).isEmpty();
    loop.stop();
  }

  @Test
  void anInterruptThatNobodyMeantEndsNoLoop() {
    var steps = new AtomicInteger();
    var loop =
        new EngineLoop(
            "test",
            () -> {
              steps.incrementAndGet();
              throw new InterruptedException();
            },
            died::add);

    loop.start();

    await().until(() -> steps.get() > 3);
    loop.stop();
    await().until(() -> !loop.isAlive());
    assertThat(died).as("it was stopped on purpose").isEmpty();
  }

  @Test
  void aLoopThatEndsByItselfTakesTheProcessWithIt() {
    var events = new CopyOnWriteArrayList<Object>();
    var exited = new CountDownLatch(1);
    var death =
        new EngineDeath(
            event -> events.add(((AvailabilityChangeEvent<?>) event).getState()),
            exited::countDown);
    var loop =
        new EngineLoop(
            "test",
            () -> {
              // No catch inside the loop survives a failure while the failure is logged.
              throw EngineLoopTest.<RuntimeException>sneaky(new Unloggable());
            },
            death::of);

    loop.start();

    await().dontCatchUncaughtExceptions().until(() -> exited.getCount() == 0);
    assertThat(events).containsExactly(ReadinessState.REFUSING_TRAFFIC, LivenessState.BROKEN);
  }

  /** A throwable that cannot even be printed. */
  private static final class Unloggable extends Error {
    @Override
    public String getMessage() {
      throw new IllegalStateException("unprintable");
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException sneaky(Throwable throwable) throws T {
    throw (T) throwable;
  }
}
