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
 * A step in the handling of a message, as a span. While no traces are collected, the span only
 * carries the trace context of the request that caused the message.
 *
 * <p>The tracer travels with the context, so code that makes a step below another step needs no
 * tracer. The current step is kept here and not in OpenTelemetry's own storage, because Boot
 * reports changes of that storage to listeners even when no traces are collected.
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
   * Starts the step for the whole way of a message through this worker. It is the current step
   * until the same thread closes it.
   *
   * @param traceparent W3C trace context of the request that caused the message; a text that cannot
   *     be read counts as none
   */
  public static Step message(Tracer tracer, @Nullable String traceparent) {
    var parent =
        W3CTraceContextPropagator.getInstance()
            .extract(Context.root(), traceparent, Header.THE_ONLY_ONE);
    var span =
        tracer.spanBuilder("message").setParent(parent).setSpanKind(SpanKind.CONSUMER).startSpan();
    return makeCurrent(span, parent.with(span).with(TRACER, tracer));
  }

  /**
   * Starts a call to another service, below the current step. It is the current step until it is
   * closed.
   */
  public static Step call(String name) {
    return below(name, SpanKind.CLIENT);
  }

  /** Starts work of our own, below the current step. It is the current step until it is closed. */
  public static Step work(String name) {
    return below(name, SpanKind.INTERNAL);
  }

  /**
   * Starts work of our own that another thread does later. It is never the current step.
   *
   * @param parent the value of {@link #current} where the work was handed over
   */
  public static Step later(Context parent, String name) {
    return new Step(start(parent, name, SpanKind.INTERNAL), null);
  }

  /** Returns the parent context of this thread's new steps; the root outside of all steps. */
  public static Context current() {
    return CURRENT.get();
  }

  /** Adds the trace context of the current step to a request, when there is a current step. */
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

  /** Returns the id of the current trace; null when there is none. */
  public static @Nullable String traceId() {
    var context = Span.fromContext(current()).getSpanContext();
    return context.isValid() ? context.getTraceId() : null;
  }

  /** Notes an attribute of this step. The value is never a phone, a name or a secret. */
  public Step with(String key, String value) {
    span.setAttribute(key, value);
    return this;
  }

  /** Marks this step as failed. */
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

  /** Reads the only header of a message. */
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
