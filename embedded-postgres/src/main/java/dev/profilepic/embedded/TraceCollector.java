package dev.profilepic.embedded;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** Receives spans as a collector does: OTLP over HTTP, in protobuf. */
public final class TraceCollector implements AutoCloseable {

  /**
   * A span as a service reported it. Ids are in hex; the parent's id is empty when there is no
   * parent.
   *
   * @param attributes as text
   */
  public record Told(
      String service,
      String name,
      String traceId,
      String spanId,
      String parentId,
      Map<String, String> attributes) {

    /** Returns whether a header {@code traceparent} names this span. */
    public boolean isNamedBy(String traceparent) {
      return traceparent.startsWith("00-" + traceId + "-" + spanId + "-");
    }
  }

  private final HttpServer server;
  private final List<Told> spans = new CopyOnWriteArrayList<>();
  private final List<String> paths = new CopyOnWriteArrayList<>();

  public TraceCollector() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    server.createContext("/", this::take);
    server.start();
  }

  /** Returns the url to which services send their spans. */
  public String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces";
  }

  /** Returns the spans of a trace, in the order in which they came. */
  public List<Told> spansOf(String traceId) {
    return spans.stream().filter(span -> span.traceId().equals(traceId)).toList();
  }

  /** Finds a span of a trace by its name. */
  public Optional<Told> span(String traceId, String name) {
    return spansOf(traceId).stream().filter(span -> span.name().equals(name)).findFirst();
  }

  /** Returns the names of all spans. */
  public List<String> names() {
    return spans.stream().map(Told::name).toList();
  }

  /** Returns the paths of all received requests. */
  public List<String> paths() {
    return List.copyOf(paths);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      paths.add(exchange.getRequestURI().getPath());
      var request = ExportTraceServiceRequest.parseFrom(exchange.getRequestBody());
      for (var resource : request.getResourceSpansList()) {
        var service = attributes(resource.getResource().getAttributesList());
        resource.getScopeSpansList().stream()
            .flatMap(scope -> scope.getSpansList().stream())
            .map(span -> told(service.getOrDefault("service.name", ""), span))
            .forEach(spans::add);
      }
      var answer = ExportTraceServiceResponse.getDefaultInstance().toByteArray();
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
    }
  }

  private static Told told(String service, Span span) {
    var hex = HexFormat.of();
    return new Told(
        service,
        span.getName(),
        hex.formatHex(span.getTraceId().toByteArray()),
        hex.formatHex(span.getSpanId().toByteArray()),
        hex.formatHex(span.getParentSpanId().toByteArray()),
        attributes(span.getAttributesList()));
  }

  private static Map<String, String> attributes(List<KeyValue> attributes) {
    return attributes.stream()
        .collect(
            Collectors.toMap(
                KeyValue::getKey,
                each ->
                    each.getValue().hasIntValue()
                        ? Long.toString(each.getValue().getIntValue())
                        : each.getValue().getStringValue()));
  }
}
