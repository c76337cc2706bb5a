package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.database.DatabaseProperties;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.ModelAndView;

/**
 * Lets operators' calls run in a few places only. After each call its place rests for a multiple of
 * the call's duration. So an occasional call is answered at once, and any number of calls without a
 * pause leaves the processors to the events for most of the time. Keys are served in turn (see
 * {@link Turns}). A call that waits too long is answered 503.
 *
 * <p>A call holds its place only while its controller works. Its body was read before, and its
 * answer is written afterwards: a sender or a reader that is slow holds up nobody. Only controllers
 * that take the caller work for the caller; all others need no place.
 */
final class OperatorTurns implements HandlerInterceptor {

  /** A call that takes long usually waits for a lock itself, and costs no processor time. */
  private static final long LONGEST_REST = TimeUnit.MILLISECONDS.toNanos(100);

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Larger bodies are read in a few places, so that they cannot fill the memory together. */
  private static final long LARGE = 64 * 1024;

  private static final int LARGE_AT_ONCE = 3;
  private static final String TURN = OperatorTurns.class.getName() + ".turn";
  private static final String LARGE_TURN = OperatorTurns.class.getName() + ".large";

  private record Turn(String caller, long began) {}

  private final Turns places;
  private final Turns large = new Turns(LARGE_AT_ONCE);
  private final int rest;
  private final RequestMatcher events;
  private final LongSupplier nanoTime;
  private final ObjLongConsumer<Runnable> afterNanos;

  /**
   * @param events matches the calls that bring events; these pass freely
   * @param operators how many calls run at the same time, and how long their places rest
   */
  OperatorTurns(RequestMatcher events, DatabaseProperties.Operators operators) {
    this(events, operators, System::nanoTime, timer());
  }

  /**
   * @param afterNanos runs a task after the given number of nanoseconds
   */
  OperatorTurns(
      RequestMatcher events,
      DatabaseProperties.Operators operators,
      LongSupplier nanoTime,
      ObjLongConsumer<Runnable> afterNanos) {
    this.events = events;
    this.places = new Turns(operators.connections());
    this.rest = operators.rest();
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
  public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
      throws IOException {
    if (!(SecurityContextHolder.getContext().getAuthentication() instanceof Caller caller)
        || !worksForCaller(handler)
        || events.matches(request)
        || request.getAttribute(TURN) != null) {
      return true;
    }
    readBody(request, caller);
    if (!places.take(caller.account(), PATIENCE)) {
      endLarge(request);
      throw busy();
    }
    request.setAttribute(TURN, new Turn(caller.account(), nanoTime.getAsLong()));
    return true;
  }

  private static boolean worksForCaller(Object handler) {
    return handler instanceof HandlerMethod method
        && Stream.of(method.getMethodParameters())
            .anyMatch(parameter -> parameter.getParameterType() == Caller.class);
  }

  private void readBody(HttpServletRequest request, Caller caller) throws IOException {
    boolean unknown = request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
    if (!unknown && request.getContentLengthLong() <= 0) {
      return;
    }
    if (unknown || request.getContentLengthLong() > LARGE) {
      if (!large.take(caller.account(), PATIENCE)) {
        throw busy();
      }
      request.setAttribute(LARGE_TURN, caller.account());
    }
    try {
      // The fields of the console's forms were read by the check of their token.
      if (!request.getRequestURI().startsWith("/console/")) {
        request.getInputStream();
      }
    } catch (IOException | RuntimeException failure) {
      endLarge(request);
      throw failure;
    }
  }

  private static ProblemException busy() {
    return new ProblemException(
        Problem.BUSY,
        "Too many operators ask at once. Send it again after Retry-After.",
        List.of(),
        Duration.ofSeconds(1));
  }

  /** Ends the call's turn, when it has one. */
  void end(HttpServletRequest request) {
    if (request.getAttribute(TURN) instanceof Turn turn) {
      request.removeAttribute(TURN);
      places.end(turn.caller());
      afterNanos.accept(
          places::free, Math.min(rest * (nanoTime.getAsLong() - turn.began()), LONGEST_REST));
    }
  }

  private void endLarge(HttpServletRequest request) {
    if (request.getAttribute(LARGE_TURN) instanceof String caller) {
      request.removeAttribute(LARGE_TURN);
      large.end(caller);
      large.free();
    }
  }

  /** Ends the turn before a page is written. */
  @Override
  public void postHandle(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable ModelAndView page) {
    end(request);
  }

  @Override
  public void afterCompletion(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable Exception failure) {
    end(request);
    endLarge(request);
  }
}
