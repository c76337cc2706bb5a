package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.http.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.filter.OncePerRequestFilter;

/** Answers 429 to callers who send more than {@link RateLimits} lets through. */
final class RateLimitFilter extends OncePerRequestFilter {

  private final RateLimits limits;
  private final RequestMatcher events;
  private final ProblemWriter problems;

  /**
   * @param events matches the calls that bring events
   */
  RateLimitFilter(RateLimits limits, RequestMatcher events, ProblemWriter problems) {
    this.limits = limits;
    this.events = events;
    this.problems = problems;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (SecurityContextHolder.getContext().getAuthentication() instanceof Caller caller) {
      var wait = limits.take(caller, events.matches(request));
      if (wait.isPresent()) {
        problems.write(
            new ProblemException(
                Problem.TOO_MANY_REQUESTS,
                "Send it again after Retry-After.",
                List.of(),
                wait.get()),
            response);
        return;
      }
    }
    chain.doFilter(request, response);
  }
}
