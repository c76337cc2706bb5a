package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepSpacingTest {

  private final List<Duration> waits = new ArrayList<>();
  // Close to the end of the numbers, where the clock of a machine may stand.
  private long now = Long.MAX_VALUE - Duration.ofMillis(7).toNanos();
  private final StepSpacing spacing =
      new StepSpacing(() -> now, nanos -> waits.add(Duration.ofNanos(nanos)));

  @Test
  void theFirstStepBeginsAtOnce() throws InterruptedException {
    spacing.await();

    assertThat(waits).isEmpty();
  }

  @Test
  void aStepWaitsForTheRestOfTheSpacing() throws InterruptedException {
    spacing.await();
    pass(Duration.ofMillis(2));
    spacing.await();

    assertThat(waits).containsExactly(Duration.ofMillis(3));
  }

  @Test
  void aStepThatComesLaterThanThatBeginsAtOnce() throws InterruptedException {
    spacing.await();
    pass(Duration.ofMillis(40));
    spacing.await();

    assertThat(waits).isEmpty();
  }

  @Test
  void severalWhoComeTogetherBeginOneAfterTheOther() throws InterruptedException {
    spacing.await();
    spacing.await();
    spacing.await();

    assertThat(waits).containsExactly(Duration.ofMillis(5), Duration.ofMillis(10));
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }
}
