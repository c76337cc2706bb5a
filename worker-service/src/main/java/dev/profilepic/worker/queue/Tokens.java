package dev.profilepic.worker.queue;

import java.time.Duration;
import org.springframework.stereotype.Component;

/** An instance's tokens, for lookups that turn out to be needed only while a message runs. */
@Component
public class Tokens {

  private final QueueSql queue;
  private final QueueProperties properties;

  Tokens(QueueSql queue, QueueProperties properties) {
    this.queue = queue;
    this.properties = properties;
  }

  /**
   * Takes a token for one lookup, if there is one.
   *
   * @return zero when it was taken, else how long there is none; nothing is reserved then
   */
  public Duration take(String instanceId) {
    return queue.takeToken(instanceId, properties.pacePerMinute());
  }
}
