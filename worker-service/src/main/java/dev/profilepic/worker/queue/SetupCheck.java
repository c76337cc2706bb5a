package dev.profilepic.worker.queue;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The self-test at the start: whether claim, enqueue and lead lookup see all rows and have the
 * rights that they need. Each problem is logged with its remedy. The worker starts nevertheless,
 * because a problem may concern one of its jobs only.
 */
final class SetupCheck {

  private static final Logger log = LoggerFactory.getLogger(SetupCheck.class);

  private SetupCheck() {}

  static void check(QueueSql queue) {
    try {
      queue.setupProblems().forEach(problem -> log.error("{}", problem));
    } catch (RuntimeException away) {
      log.warn("the set-up was not checked: {}", away.getMessage());
    }
  }
}
