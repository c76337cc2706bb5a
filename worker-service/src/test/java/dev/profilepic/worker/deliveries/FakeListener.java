package dev.profilepic.worker.deliveries;

import com.sun.net.httpserver.HttpExchange;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.FakeBridge.Answer;
import dev.profilepic.worker.LoopbackServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A webhook endpoint that keeps every request, and answers 204 unless a test sets another answer.
 */
final class FakeListener implements AutoCloseable {

  /** A request as it was received. */
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

  private final LoopbackServer server = new LoopbackServer(this::listen);
  private final List<Heard> heard = new CopyOnWriteArrayList<>();
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();

  String url() {
    return server.url();
  }

  /** Sets the answer to the next request, for that request only. */
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
    server.close();
  }
}
