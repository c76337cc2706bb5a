package dev.profilepic.receiver.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Bounds every body, and makes sure that it is read at most once, by the signature check or by a
 * controller. This filter comes first, so that no later filter can read an unbounded body. Bodies
 * of webhooks are read as streams (see {@link WebhookBodies}), all other bodies whole.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class BodyFilter extends OncePerRequestFilter {

  private final BodyLimits limits;
  private final WebhookBodies bodies;
  private final ProblemWriter problems;
  private final InstantSource clock;

  BodyFilter(BodyLimits limits, WebhookBodies bodies, ProblemWriter problems, InstantSource clock) {
    this.limits = limits;
    this.bodies = bodies;
    this.problems = problems;
    this.clock = clock;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      if (limits.isWebhook(request.getRequestURI())) {
        var streamed = new StreamedBodyRequest(request, limits.webhooks().toBytes(), clock);
        streamed.refuseDeclaredLength();
        chain.doFilter(streamed, response);
      } else {
        var bounded =
            new BoundedBodyRequest(request, limits.bytesFor(request.getRequestURI()), clock);
        bounded.refuseDeclaredLength();
        chain.doFilter(bounded, response);
      }
    } catch (ProblemException problem) {
      problems.write(problem, response);
    } catch (IOException | ServletException | RuntimeException failure) {
      // Filters read parameters and bodies too, and a controller's advice does not see their
      // exceptions.
      var unreadable = UnreadableRequest.behind(failure);
      if (unreadable.isEmpty()) {
        throw failure;
      }
      problems.write(unreadable.get(), response);
    } finally {
      bodies.release(request);
    }
  }
}
