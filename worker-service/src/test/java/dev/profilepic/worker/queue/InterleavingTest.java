package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code -Dinterleavings=200 -Dinterleaving.steps=2000} plays more interleavings. {@code
 * -Dinterleaving.seed=17} starts at this seed, to repeat an interleaving that failed.
 */
class InterleavingTest {

  private static final int FIRST = Integer.getInteger("interleaving.seed", 1);
  private static final int SEEDS = Integer.getInteger("interleavings", 4);
  private static final int STEPS = Integer.getInteger("interleaving.steps", 250);

  static LongStream seeds() {
    return LongStream.range(FIRST, FIRST + SEEDS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whateverTheOrderEveryLeadIsRightInTheEnd(long seed) throws Exception {
    try (var interleaving = new Interleaving(seed)) {
      assertThat(interleaving.play(STEPS)).as("seed %d", seed).isEmpty();
      assertThat(interleaving.played()).hasSizeGreaterThan(10);
    }
  }
}
