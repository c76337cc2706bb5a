package dev.profilepic.worker.deliveries;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.FakeBridge.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Somebody's webhook endpoint: keeps what it is told, and answers 204 unless told otherwise. */
final class FakeListener implements AutoCloseable {

  /** A request as it came. */
  record Heard(
      String path,
      @Nullable String id,
      @Nullable String timestamp,
      @Nullable String signature,
      String body) {

    JsonNode json() {
      return JsonMapper.builder().build().readTree(body);
    }

    String type() {
      return json().path("type").asString();
    }
  }

  private static final Answer THANKS = FakeBridge.json(204, "");

  private final HttpServer server;
  private final List<Heard> heard = new CopyOnWriteArrayList<>();
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();

  FakeListener() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::listen);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** What it answers next, once. */
  void next(Answer answer) {
    answers.add(answer);
  }

  List<Heard> heard() {
    return List.copyOf(heard);
  }

  List<Heard> heard(String path) {
    return heard.stream().filter(each -> each.path().equals(path)).toList();
  }

  private void listen(HttpExchange exchange) throws IOException {
    try (exchange) {
      var headers = exchange.getRequestHeaders();
      heard.add(
          new Heard(
              exchange.getRequestURI().getPath(),
              headers.getFirst("webhook-id"),
              headers.getFirst("webhook-timestamp"),
              headers.getFirst("webhook-signature"),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
      @Nullable Answer answer = answers.poll();
      (answer == null ? THANKS : answer).to(exchange);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
