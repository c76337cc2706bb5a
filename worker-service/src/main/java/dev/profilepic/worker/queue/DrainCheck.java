package dev.profilepic.worker.queue;

import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Refuses a drain timeout that is not shorter than Spring's own timeout. Spring ends a shutdown
 * phase after that time, even when work still runs in it.
 */
@Component
final class DrainCheck {

  private static final Duration GIVING_BACK = Duration.ofSeconds(5);

  /**
   * @throws IllegalStateException when running work would be cut off before it is given back
   */
  DrainCheck(
      QueueProperties queue,
      @Value("${spring.lifecycle.timeout-per-shutdown-phase:30s}") Duration phase) {
    if (phase.compareTo(queue.drainTimeout().plus(GIVING_BACK)) < 0) {
      throw new IllegalStateException(
          "profile-pic.worker.drain-timeout is %s: it must be 5s shorter than spring.lifecycle.timeout-per-shutdown-phase (%s), or running work would be cut off; change one of them"
              .formatted(text(queue.drainTimeout()), text(phase)));
    }
  }

  private static String text(Duration duration) {
    return duration.toSeconds() + "s";
  }
}
