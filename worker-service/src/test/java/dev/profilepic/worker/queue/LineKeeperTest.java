package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How long the keeper of the waiting lines rests after a look. */
class LineKeeperTest extends QueueTest {

  @Test
  void restsTwentyTimesAsLongAsALookTook() {
    assertThat(restAfter(Duration.ofMillis(300))).isEqualTo(Duration.ofSeconds(6));
  }

  @Test
  void looksAgainWithinSecondsAfterTheProcessWasSuspendedDuringALook() {
    assertThat(restAfter(Duration.ofMinutes(10))).isEqualTo(Duration.ofSeconds(10));
  }

  /** Returns the rest after a look that took so long by the keeper's clock. */
  private Duration restAfter(Duration look) {
    var clock = List.of(0L, look.toNanos()).iterator();
    return new LineKeeper(
            fixture.queue,
            new TestQueueProperties().pollInterval(Duration.ofMillis(100)).build(),
            () -> null,
            new WaitingLines(System::nanoTime),
            new Signal(),
            clock::next)
        .once();
  }
}
