package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StepSpacingTest {

  private static final Duration SPACING = Duration.ofMillis(5);

  // Close to the end of the numbers, where the clock of a machine may stand.
  private long now = Long.MAX_VALUE - Duration.ofMillis(7).toNanos();
  private final StepSpacing spacing = new StepSpacing(SPACING, () -> now, nanos -> now += nanos);

  @Test
  void theFirstStepBeginsAtOnce() throws InterruptedException {
    assertThat(waitUntil(false)).isZero();
  }

  @Test
  void aStepWaitsForTheRestOfTheSpacing() throws InterruptedException {
    spacing.await();
    now += Duration.ofMillis(2).toNanos();

    assertThat(waitUntil(false)).isEqualTo(Duration.ofMillis(3));
  }

  @Test
  void aStepThatComesLaterThanThatBeginsAtOnce() throws InterruptedException {
    spacing.await();
    now += Duration.ofMillis(40).toNanos();

    assertThat(waitUntil(false)).isZero();
  }

  @Test
  void severalBeginOneAfterTheOther() throws InterruptedException {
    spacing.await();

    assertThat(waitUntil(false)).isEqualTo(SPACING);
    assertThat(waitUntil(false)).isEqualTo(SPACING);
  }

  @Test
  void aStepWithEnoughRowsBeginsAtOnce() throws InterruptedException {
    spacing.await();

    assertThat(waitUntil(true)).isZero();
  }

  @Test
  void theTimeThatOthersDidNotWaitDoesNotAddUp() throws InterruptedException {
    for (int i = 0; i < 100; i++) {
      waitUntil(true);
    }

    assertThat(waitUntil(false)).isEqualTo(SPACING);
  }

  private Duration waitUntil(boolean enough) throws InterruptedException {
    long came = now;
    spacing.await(() -> enough);
    return Duration.ofNanos(now - came);
  }
}
