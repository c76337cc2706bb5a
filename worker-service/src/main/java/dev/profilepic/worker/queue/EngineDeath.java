package dev.profilepic.worker.queue;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Reacts when one of the engine's loops ends by itself: readiness and liveness fail, and the
 * process exits, so that its supervisor starts another process. The messages that the process had
 * leased are delivered again.
 */
final class EngineDeath {

  private static final Logger log = LoggerFactory.getLogger(EngineDeath.class);

  /** sysexits.h: an internal software error. */
  private static final int INTERNAL_ERROR = 70;

  private final ApplicationEventPublisher events;
  private final Runnable exit;

  EngineDeath(ApplicationEventPublisher events) {
    // Not System.exit: it would wait for shutdown hooks, which wait for the loops.
    this(events, () -> Runtime.getRuntime().halt(INTERNAL_ERROR));
  }

  EngineDeath(ApplicationEventPublisher events, Runnable exit) {
    this.events = events;
    this.exit = exit;
  }

  void of(String loop) {
    try {
      log.error("{} has ended: this process cannot work its queue any more and exits", loop);
      AvailabilityChangeEvent.publish(events, this, ReadinessState.REFUSING_TRAFFIC);
      AvailabilityChangeEvent.publish(events, this, LivenessState.BROKEN);
    } finally {
      exit.run();
    }
  }
}
