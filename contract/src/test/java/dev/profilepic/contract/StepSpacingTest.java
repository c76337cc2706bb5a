package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StepSpacingTest {

  private static final Duration SPACING = Duration.ofMillis(5);

  // Close to the largest long, because a machine's clock may be there.
  private long now = Long.MAX_VALUE - Duration.ofMillis(7).toNanos();
  private int sleeps;
  private final Deque<StepSpacing.Sleep> whileItWaits = new ArrayDeque<>();
  private final StepSpacing spacing = new StepSpacing(SPACING, () -> now, this::sleep);

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
  void aStepThatWaitsForNoRowsSleepsOnce() throws InterruptedException {
    spacing.await();
    spacing.await();

    assertThat(sleeps).isEqualTo(1);
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

  @Test
  void severalWhoComeTogetherBeginOneAfterTheOther() throws InterruptedException {
    long came = now;
    var secondBegan = new AtomicLong();
    spacing.await();
    whileItWaits.add(nanos -> {
      spacing.await();
      secondBegan.set(now);
    });
    spacing.await();

    assertThat(Duration.ofNanos(secondBegan.get() - came)).isEqualTo(SPACING.multipliedBy(2));
  }

  private void sleep(long nanos) throws InterruptedException {
    sleeps++;
    var other = whileItWaits.poll();
    if (other != null) {
      other.nanos(nanos);
    }
    now += nanos;
  }

  private Duration waitUntil(boolean enough) throws InterruptedException {
    long came = now;
    spacing.await(() -> enough);
    return Duration.ofNanos(now - came);
  }
}
