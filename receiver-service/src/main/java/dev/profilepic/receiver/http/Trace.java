package dev.profilepic.receiver.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Gives each request a W3C trace context: the caller's {@code traceparent} where it is valid, else
 * a new one. It travels into the queue, so that one trace id finds an event's way through all logs.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
public class Trace extends OncePerRequestFilter {

  private static final String ATTRIBUTE = Trace.class.getName();
  // https://www.w3.org/TR/trace-context/#traceparent-header, version 00
  private static final Pattern TRACEPARENT =
      Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  /** The trace context of a request that passed this filter. */
  public static String parentOf(HttpServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof String parent ? parent : newParent();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    var parent = accepted(request.getHeader("traceparent"));
    request.setAttribute(ATTRIBUTE, parent);
    MDC.put("trace.id", parent.substring(3, 35));
    try {
      chain.doFilter(request, response);
    } finally {
      MDC.remove("trace.id");
    }
  }

  private static String accepted(@Nullable String header) {
    return header != null && TRACEPARENT.matcher(header).matches() ? header : newParent();
  }

  private static String newParent() {
    var id = new byte[24];
    ThreadLocalRandom.current().nextBytes(id);
    var hex = HexFormat.of();
    return "00-" + hex.formatHex(id, 0, 16) + "-" + hex.formatHex(id, 16, 24) + "-01";
  }
}
