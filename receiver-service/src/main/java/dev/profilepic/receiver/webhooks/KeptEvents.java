package dev.profilepic.receiver.webhooks;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Serves stored events of people under a LID once their number is known. A webhook with the number
 * serves the events at once. This job finds numbers that the bridge and the workers learned from
 * lookups.
 */
@Component
class KeptEvents {

  private static final Logger log = LoggerFactory.getLogger(KeptEvents.class);
  private static final int STEP = 500;
  private static final int MOST_STEPS = 20;

  private final Webhooks webhooks;

  KeptEvents(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  /** Serves stored events. Two replicas may serve the same event; this makes no second message. */
  @Scheduled(fixedDelay = 10_000, initialDelay = 10_000)
  void serve() {
    try {
      int steps = 0;
      while (steps++ < MOST_STEPS && webhooks.acceptIdentified(STEP) == STEP) {
        log.debug("{} more events of people whose number is known now", STEP);
      }
    } catch (DataAccessException | dev.profilepic.receiver.http.ProblemException away) {
      log.debug("kept events wait: {}", away.getMessage());
    }
  }
}
