package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.http.ProblemWriter;
import io.github.bucket4j.Bucket;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Bounds what one key may send to this replica, so that a caller in a loop cannot shut out the
 * others. As many buckets as there are keys.
 */
final class RateLimitFilter extends OncePerRequestFilter {

  private final int requestsPerMinute;
  private final ProblemWriter problems;
  private final ConcurrentMap<String, Bucket> buckets = new ConcurrentHashMap<>();

  RateLimitFilter(int requestsPerMinute, ProblemWriter problems) {
    this.requestsPerMinute = requestsPerMinute;
    this.problems = problems;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (SecurityContextHolder.getContext().getAuthentication() instanceof Caller caller) {
      var probe =
          buckets
              .computeIfAbsent(caller.getPrincipal(), name -> full())
              .tryConsumeAndReturnRemaining(1);
      if (!probe.isConsumed()) {
        var wait = Duration.ofNanos(probe.getNanosToWaitForRefill()).plusSeconds(1);
        problems.write(
            new ProblemException(
                Problem.TOO_MANY_REQUESTS, "Send it again after Retry-After.", List.of(), wait),
            response);
        return;
      }
    }
    chain.doFilter(request, response);
  }

  /** A tenth of a minute's requests may come at once. */
  private Bucket full() {
    return Bucket.builder()
        .addLimit(limit ->
            limit
                .capacity(Math.max(1, requestsPerMinute / 10))
                .refillGreedy(requestsPerMinute, Duration.ofMinutes(1)))
        .build();
  }
}
