package dev.profilepic.worker.queue;

import java.time.Duration;
import org.springframework.stereotype.Component;

/** The pace of an instance, for lookups that turn out to be needed only while a message runs. */
@Component
public class Pace {

  private final QueueSql queue;
  private final QueueProperties properties;

  Pace(QueueSql queue, QueueProperties properties) {
    this.queue = queue;
    this.properties = properties;
  }

  /**
   * Reserves the instance's next slot and says how far away it is; zero when the lookup may leave
   * now.
   */
  public Duration reserve(String instanceId) {
    return queue.reserve(instanceId, properties.pacePerMinute());
  }
}
