package dev.profilepic.receiver.http;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
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
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Gives each call a W3C trace context: the caller's {@code traceparent} where it is valid, else a
 * new one. The context travels into the queue, so one trace id finds an event in all logs. Where
 * traces are collected, the call is a span of that trace and the parent of the spans of its
 * messages.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
public class Trace extends OncePerRequestFilter {

  private static final String ATTRIBUTE = Trace.class.getName();
  // https://www.w3.org/TR/trace-context/#traceparent-header, version 00
  private static final Pattern TRACEPARENT =
      Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private final Tracer tracer;

  /**
   * @param enabled when false, no spans are made: Boot's SDK would make them and throw them away
   */
  Trace(OpenTelemetry telemetry, @Value("${management.opentelemetry.enabled}") boolean enabled) {
    this.tracer = (enabled ? telemetry : OpenTelemetry.noop()).getTracer("profile-pic-receiver");
  }

  /** Returns the trace context of a call that passed this filter. */
  public static String parentOf(HttpServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof String parent ? parent : newParent();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    var header = request.getHeader("traceparent");
    @Nullable String caller =
        header != null && TRACEPARENT.matcher(header).matches() ? header : null;
    // While no traces are collected, the span's context is the caller's, or invalid.
    var span = start(request, caller);
    var context = span.getSpanContext();
    var parent = context.isValid() ? textOf(context) : newParent();
    request.setAttribute(ATTRIBUTE, parent);
    MDC.put("trace.id", parent.substring(3, 35));
    try {
      chain.doFilter(request, response);
    } finally {
      MDC.remove("trace.id");
      end(span, request, response);
    }
  }

  private Span start(HttpServletRequest request, @Nullable String caller) {
    var above = caller == null ? Context.root() : Context.root().with(Span.wrap(contextOf(caller)));
    return tracer
        .spanBuilder(request.getMethod())
        .setParent(above)
        .setSpanKind(SpanKind.SERVER)
        .startSpan();
  }

  /** Names the route, never the path: a path may hold a lead's id or a phone. */
  private static void end(Span span, HttpServletRequest request, HttpServletResponse response) {
    if (span.isRecording()) {
      if (request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE)
          instanceof String route) {
        span.updateName(request.getMethod() + " " + route);
        span.setAttribute("http.route", route);
      }
      span.setAttribute("http.request.method", request.getMethod());
      span.setAttribute("http.response.status_code", response.getStatus());
      if (response.getStatus() >= 500) {
        span.setStatus(StatusCode.ERROR);
      }
    }
    span.end();
  }

  private static SpanContext contextOf(String traceparent) {
    return SpanContext.createFromRemoteParent(
        traceparent.substring(3, 35),
        traceparent.substring(36, 52),
        TraceFlags.fromHex(traceparent, 53),
        TraceState.getDefault());
  }

  private static String textOf(SpanContext context) {
    return "00-"
        + context.getTraceId()
        + "-"
        + context.getSpanId()
        + "-"
        + context.getTraceFlags().asHex();
  }

  private static String newParent() {
    var id = new byte[24];
    ThreadLocalRandom.current().nextBytes(id);
    var hex = HexFormat.of();
    return "00-" + hex.formatHex(id, 0, 16) + "-" + hex.formatHex(id, 16, 24) + "-01";
  }
}
