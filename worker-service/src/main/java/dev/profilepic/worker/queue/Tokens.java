package dev.profilepic.worker.queue;

import java.time.Duration;
import org.springframework.stereotype.Component;

/** Takes an instance's tokens, for lookups that turn out to be needed only while a message runs. */
@Component
public class Tokens {

  private final QueueSql queue;
  private final QueueProperties properties;

  Tokens(QueueSql queue, QueueProperties properties) {
    this.queue = queue;
    this.properties = properties;
  }

  /**
   * Takes a token of an instance for one lookup, if there is a token.
   *
   * @return zero when a token was taken, else the time until there is one; nothing is reserved then
   */
  public Duration take(String instanceId) {
    return queue.takeToken(instanceId, properties.pacePerMinute());
  }
}
