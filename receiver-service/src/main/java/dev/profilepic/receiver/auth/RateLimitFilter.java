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
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Bounds what one key may send to this replica, so that a caller in a loop cannot shut out the
 * others: events in one bucket, everything else in another, because reading and operating cost the
 * database more. As many buckets as there are keys.
 */
final class RateLimitFilter extends OncePerRequestFilter {

  private record Account(String caller, boolean events) {}

  private final AuthProperties properties;
  private final RequestMatcher events;
  private final ProblemWriter problems;
  private final ConcurrentMap<Account, Bucket> buckets = new ConcurrentHashMap<>();

  /**
   * @param events which requests bring events
   */
  RateLimitFilter(AuthProperties properties, RequestMatcher events, ProblemWriter problems) {
    this.properties = properties;
    this.events = events;
    this.problems = problems;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (SecurityContextHolder.getContext().getAuthentication() instanceof Caller caller) {
      var probe =
          buckets
              .computeIfAbsent(accountOf(caller, request), this::full)
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

  /** Senders of signed webhooks share a name, but not a bucket: each has instances of its own. */
  private Account accountOf(Caller caller, HttpServletRequest request) {
    return new Account(caller.getPrincipal() + " " + caller.boundTo(), events.matches(request));
  }

  /** A minute's requests may come at once. */
  private Bucket full(Account account) {
    int perMinute = account.events() ? properties.ingestPerMinute() : properties.operatePerMinute();
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, Duration.ofMinutes(1)))
        .build();
  }
}
