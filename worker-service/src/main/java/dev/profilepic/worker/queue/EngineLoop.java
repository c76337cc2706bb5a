package dev.profilepic.worker.queue;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of the engine's threads: does its step again and again until it is stopped. When a step
 * throws, the failure is logged and the loop goes on. If a loop ends nevertheless, the process ends
 * with it, because a worker that lives on without claiming, settling or renewing looks healthy and
 * is not.
 */
final class EngineLoop {

  private static final Logger log = LoggerFactory.getLogger(EngineLoop.class);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(250);

  /** The work that a loop repeats. It blocks while there is nothing to do. */
  @FunctionalInterface
  interface Step {
    void run() throws InterruptedException;
  }

  private final String name;
  private final Step step;
  private final Consumer<String> died;
  private final Thread thread;
  private volatile boolean stopping;

  /**
   * @param died receives the loop's name when the loop ends without having been stopped
   */
  EngineLoop(String name, Step step, Consumer<String> died) {
    this.name = name;
    this.step = step;
    this.died = died;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Asks for no further step. The current step is not interrupted. */
  void askToStop() {
    stopping = true;
  }

  /** Ends the loop, and interrupts the current step. */
  void stop() {
    stopping = true;
    thread.interrupt();
  }

  boolean isAlive() {
    return thread.isAlive();
  }

  void join(Duration atMost) throws InterruptedException {
    thread.join(atMost);
  }

  private void run() {
    try {
      while (!stopping) {
        try {
          step.run();
        } catch (InterruptedException interrupted) {
          // Only stop() interrupts on purpose; any other interrupt ends no loop.
        } catch (Throwable failure) {
          log.error("{} failed and goes on", name, failure);
          pause();
        }
      }
    } finally {
      if (!stopping) {
        died.accept(name);
      }
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_AFTER_FAILURE.toMillis());
    } catch (InterruptedException stopped) {
      // The loop itself checks whether it is to stop.
    }
  }
}
