package dev.profilepic.worker.pictures;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {

  /** Draws the largest allowed number, so that ceilings can be seen. */
  private static final RandomGenerator HIGHEST =
      new RandomGenerator() {
        @Override
        public long nextLong() {
          return Long.MAX_VALUE;
        }

        @Override
        public long nextLong(long bound) {
          return bound - 1;
        }
      };

  private static final RandomGenerator LOWEST = () -> 0L;

  private final Duration base = Duration.ofSeconds(30);
  private final Duration cap = Duration.ofHours(1);

  @ParameterizedTest
  @CsvSource({
    "1, 30",
    "2, 60",
    "3, 120",
    "4, 240",
    "7, 1920",
    "8, 3600",
    "100, 3600",
    "2147483647, 3600"
  })
  void theCeilingDoublesUpToTheCap(int attempts, long seconds) {
    assertThat(new Backoff(base, cap, HIGHEST).afterFailure(attempts))
        .isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void jitterIsFull() {
    assertThat(new Backoff(base, cap, LOWEST).afterFailure(5)).isZero();
  }

  @Test
  void hugeBasesDoNotOverflow() {
    var backoff = new Backoff(Duration.ofDays(300_000), Duration.ofDays(400_000), HIGHEST);

    assertThat(backoff.afterFailure(40)).isEqualTo(Duration.ofDays(400_000));
  }

  @ParameterizedTest
  @CsvSource({"0, 5", "10, 5", "60, 30", "3600, 300", "86400, 300"})
  void anOutageIsLookedAtHalfAsOftenAsItIsOld(long ageSeconds, long middleSeconds) {
    var age = Duration.ofSeconds(ageSeconds);

    assertThat(new Backoff(base, cap, LOWEST).whileDown(age))
        .isEqualTo(Duration.ofMillis(middleSeconds * 500));
    assertThat(new Backoff(base, cap, HIGHEST).whileDown(age))
        .isEqualTo(Duration.ofMillis(middleSeconds * 1500));
  }
}
