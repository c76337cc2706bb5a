package dev.profilepic.worker.queue;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for something to do, then waits until the signal rings, or until the time that the look
 * returned is over. A look that fails is tried again at the poll interval.
 *
 * @param what names the look in the log, in the form "claiming"
 * @param signal the bell that ends the wait
 */
record PollingStep(String what, Look look, Signal signal, Duration pollInterval)
    implements EngineLoop.Step {

  private static final Logger log = LoggerFactory.getLogger(PollingStep.class);

  @FunctionalInterface
  interface Look {

    /**
     * Looks once.
     *
     * @return how long there is nothing to do, unless the signal rings; zero when there may be more
     *     right now
     */
    Duration once() throws InterruptedException;
  }

  @Override
  public void run() throws InterruptedException {
    Duration idle;
    try {
      idle = look.once();
    } catch (RuntimeException failure) {
      log.warn("{} failed, trying again: {}", what, failure.getMessage());
      idle = pollInterval;
    }
    if (idle.isPositive()) {
      signal.await(idle);
    }
  }
}
