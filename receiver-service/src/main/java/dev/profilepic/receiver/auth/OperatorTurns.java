package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.database.DatabaseProperties;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.http.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets operators' calls run in a few places only. After each call its place rests for a multiple of
 * the call's duration. So an occasional call is answered at once, and any number of calls without a
 * pause leaves the processors to the events for most of the time. Calls wait for a place in the
 * order in which they came. A call that waits too long is answered 503.
 */
final class OperatorTurns extends OncePerRequestFilter {

  /** A call that takes long usually waits for a lock itself, and costs no processor time. */
  private static final long LONGEST_REST = TimeUnit.MILLISECONDS.toNanos(100);

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Semaphore places;
  private final int rest;
  private final RequestMatcher events;
  private final ProblemWriter problems;
  private final LongSupplier nanoTime;
  private final ObjLongConsumer<Runnable> afterNanos;

  /**
   * @param events matches the calls that bring events; these pass freely
   * @param operators how many calls run at the same time, and how long their places rest
   */
  OperatorTurns(
      RequestMatcher events, DatabaseProperties.Operators operators, ProblemWriter problems) {
    this(events, operators, problems, System::nanoTime, timer());
  }

  /**
   * @param afterNanos runs a task after the given number of nanoseconds
   */
  OperatorTurns(
      RequestMatcher events,
      DatabaseProperties.Operators operators,
      ProblemWriter problems,
      LongSupplier nanoTime,
      ObjLongConsumer<Runnable> afterNanos) {
    this.events = events;
    this.places = new Semaphore(operators.connections(), true);
    this.rest = operators.rest();
    this.problems = problems;
    this.nanoTime = nanoTime;
    this.afterNanos = afterNanos;
  }

  private static ObjLongConsumer<Runnable> timer() {
    var timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("operator-turns").factory());
    return (task, nanos) -> timer.schedule(task, nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return events.matches(request)
        || !(SecurityContextHolder.getContext().getAuthentication() instanceof Caller);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (!hasPlace()) {
      problems.write(
          new ProblemException(
              Problem.BUSY,
              "Too many operators ask at once. Send it again after Retry-After.",
              List.of(),
              Duration.ofSeconds(1)),
          response);
      return;
    }
    long began = nanoTime.getAsLong();
    try {
      chain.doFilter(request, response);
    } finally {
      afterNanos.accept(
          places::release, Math.min(rest * (nanoTime.getAsLong() - began), LONGEST_REST));
    }
  }

  private boolean hasPlace() {
    try {
      return places.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
