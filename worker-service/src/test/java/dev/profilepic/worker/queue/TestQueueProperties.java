package dev.profilepic.worker.queue;

import java.time.Duration;

/** Properties of an engine that looks often and asks without a pace. Tests change some of them. */
final class TestQueueProperties {

  private int concurrency = 4;
  private Duration lease = Duration.ofMinutes(1);
  private Duration pollInterval = Duration.ofMillis(50);
  private boolean listen;
  private Duration drainTimeout = Duration.ofSeconds(10);

  TestQueueProperties concurrency(int messages) {
    concurrency = messages;
    return this;
  }

  TestQueueProperties lease(Duration time) {
    lease = time;
    return this;
  }

  TestQueueProperties pollInterval(Duration time) {
    pollInterval = time;
    return this;
  }

  TestQueueProperties listen() {
    listen = true;
    return this;
  }

  TestQueueProperties drainTimeout(Duration time) {
    drainTimeout = time;
    return this;
  }

  QueueProperties build() {
    return new QueueProperties(
        concurrency, lease, pollInterval, listen, drainTimeout, 6_000_000, false);
  }
}
