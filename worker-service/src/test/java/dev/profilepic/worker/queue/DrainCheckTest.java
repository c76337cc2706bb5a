package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DrainCheckTest {

  @Test
  void aDrainThatSpringWouldCutOffIsRefusedAndBothPropertiesAreNamed() {
    assertThatThrownBy(() -> new DrainCheck(drainingFor(36), Duration.ofSeconds(40)))
        .hasMessageContaining("profile-pic.worker.drain-timeout is 36s")
        .hasMessageContaining("spring.lifecycle.timeout-per-shutdown-phase (40s)");
    assertThatCode(() -> new DrainCheck(drainingFor(35), Duration.ofSeconds(40)))
        .doesNotThrowAnyException();
  }

  private static QueueProperties drainingFor(int seconds) {
    return new TestQueueProperties().drainTimeout(Duration.ofSeconds(seconds)).build();
  }
}
