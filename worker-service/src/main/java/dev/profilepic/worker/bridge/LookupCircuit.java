package dev.profilepic.worker.bridge;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Looks pictures up behind a circuit breaker. */
public final class LookupCircuit {

  private static final Exception FAILED = new IOException("the lookup failed");

  /** The effect of a lookup on the circuit breaker. */
  public enum Effect {
    SUCCESS,
    FAILURE,
    /** The lookup says nothing about the party behind the circuit breaker. */
    NONE
  }

  /** A lookup that can be tried. */
  @FunctionalInterface
  public interface Question {
    Lookup ask() throws InterruptedException;
  }

  private LookupCircuit() {}

  /**
   * Asks the question, unless the circuit is open. A question that throws has no effect on the
   * circuit.
   *
   * @param whenOpen the result when the circuit is open
   * @param effects the effect of each result
   */
  public static Lookup ask(
      CircuitBreaker breaker, Lookup whenOpen, Function<Lookup, Effect> effects, Question question)
      throws InterruptedException {
    if (!breaker.tryAcquirePermission()) {
      return whenOpen;
    }
    long start = System.nanoTime();
    @Nullable Lookup lookup = null;
    try {
      lookup = question.ask();
      return lookup;
    } finally {
      long elapsed = System.nanoTime() - start;
      switch (lookup == null ? Effect.NONE : effects.apply(lookup)) {
        case SUCCESS -> breaker.onSuccess(elapsed, TimeUnit.NANOSECONDS);
        case FAILURE -> breaker.onError(elapsed, TimeUnit.NANOSECONDS, FAILED);
        case NONE -> breaker.releasePermission();
      }
    }
  }
}
