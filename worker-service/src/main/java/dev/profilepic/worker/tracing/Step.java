package dev.profilepic.worker.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.List;
import org.apache.hc.core5.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * A step of a message's way, as a span. While nobody collects traces, the span only carries the
 * trace context of the request that caused the message.
 *
 * <p>The tracer travels with the context, so code that makes a step below another needs no tracer.
 * The current step is kept here and not in OpenTelemetry's own storage, because Boot reports
 * changes of that storage to listeners even when no traces are collected.
 */
public final class Step implements AutoCloseable {

  private static final String TRACEPARENT = "traceparent";
  private static final ContextKey<Tracer> TRACER = ContextKey.named("profile-pic-tracer");
  private static final ThreadLocal<Context> CURRENT = ThreadLocal.withInitial(Context::root);

  private final Span span;

  /** The context that is current again afterwards; null for a step that never was current. */
  private final @Nullable Context before;

  private Step(Span span, @Nullable Context before) {
    this.span = span;
    this.before = before;
  }

  /**
   * The whole way of a message through this worker. Until it is closed, by the same thread, it is
   * the current one.
   *
   * @param traceparent W3C trace context of the request that caused the message; one that cannot be
   *     read counts as none
   */
  public static Step message(Tracer tracer, @Nullable String traceparent) {
    var parent =
        W3CTraceContextPropagator.getInstance()
            .extract(Context.root(), traceparent, Header.THE_ONLY_ONE);
    var span =
        tracer.spanBuilder("message").setParent(parent).setSpanKind(SpanKind.CONSUMER).startSpan();
    return makeCurrent(span, parent.with(span).with(TRACER, tracer));
  }

  /** A call to somebody else, below the current step; the current one until it is closed. */
  public static Step call(String name) {
    return below(name, SpanKind.CLIENT);
  }

  /** Work of our own, below the current step; the current one until it is closed. */
  public static Step work(String name) {
    return below(name, SpanKind.INTERNAL);
  }

  /**
   * Work of our own that another thread does later; it never is the current step.
   *
   * @param parent what {@link #current} was where the work was handed over
   */
  public static Step later(Context parent, String name) {
    return new Step(start(parent, name, SpanKind.INTERNAL), null);
  }

  /** The context below which new steps of this thread hang; the root outside of all steps. */
  public static Context current() {
    return CURRENT.get();
  }

  /** Sends the trace context of the current step along with a request, when there is one. */
  public static void addTo(HttpRequest request) {
    var context = Span.fromContext(current()).getSpanContext();
    if (context.isValid()) {
      request.setHeader(
          TRACEPARENT,
          "00-%s-%s-%s"
              .formatted(
                  context.getTraceId(), context.getSpanId(), context.getTraceFlags().asHex()));
    }
  }

  /** The id of the current trace; null when there is none. */
  public static @Nullable String traceId() {
    var context = Span.fromContext(current()).getSpanContext();
    return context.isValid() ? context.getTraceId() : null;
  }

  /** Notes something about this step: never a phone, a name or a secret. */
  public Step with(String key, String value) {
    span.setAttribute(key, value);
    return this;
  }

  /** Marks this step as one that failed. */
  public void failed(String why) {
    span.setStatus(StatusCode.ERROR, why);
  }

  @Override
  public void close() {
    if (before != null) {
      CURRENT.set(before);
    }
    span.end();
  }

  private static Step below(String name, SpanKind kind) {
    var span = start(current(), name, kind);
    return makeCurrent(span, current().with(span));
  }

  private static Step makeCurrent(Span span, Context context) {
    var before = CURRENT.get();
    CURRENT.set(context);
    return new Step(span, before);
  }

  private static Span start(Context parent, String name, SpanKind kind) {
    @Nullable Tracer tracer = parent.get(TRACER);
    return tracer == null
        ? Span.fromContext(parent)
        : tracer.spanBuilder(name).setParent(parent).setSpanKind(kind).startSpan();
  }

  /** Reads the header of a message, which has no other. */
  private enum Header implements TextMapGetter<@Nullable String> {
    THE_ONLY_ONE;

    @Override
    public Iterable<String> keys(@Nullable String traceparent) {
      return List.of(TRACEPARENT);
    }

    @Override
    public @Nullable String get(@Nullable String traceparent, String key) {
      return key.equals(TRACEPARENT) ? traceparent : null;
    }
  }
}
