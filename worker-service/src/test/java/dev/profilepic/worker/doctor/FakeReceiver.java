package dev.profilepic.worker.doctor;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.profilepic.worker.FakeBridge;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A receiver over real HTTP that checks signatures, refuses forged links and is ready. */
final class FakeReceiver implements AutoCloseable {

  private final HttpServer server;
  private final Map<String, FakeBridge.Answer> answers = new ConcurrentHashMap<>();
  private volatile String secret = "";

  FakeReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    answers.put("/webhooks/", this::webhook);
    answers.put(
        "/avatars/",
        FakeBridge.bytes(404, "application/problem+json", "{}".getBytes(StandardCharsets.UTF_8)));
    answers.put("/actuator/", FakeBridge.json(200, "{\"status\":\"UP\"}"));
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  FakeReceiver signedWith(String text) {
    secret = text;
    return this;
  }

  /**
   * @param path the beginning of the path
   */
  FakeReceiver answers(String path, FakeBridge.Answer answer) {
    answers.put(path, answer);
    return this;
  }

  private void answer(HttpExchange exchange) throws IOException {
    var path = exchange.getRequestURI().getPath();
    try (exchange) {
      answers.entrySet().stream()
          .filter(entry -> path.startsWith(entry.getKey()))
          .findFirst()
          .map(Map.Entry::getValue)
          .orElse(FakeBridge.json(404, "{}"))
          .to(exchange);
    }
  }

  private void webhook(HttpExchange exchange) throws IOException {
    var headers = exchange.getRequestHeaders();
    var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    var signed =
        headers.getFirst("webhook-id") + "." + headers.getFirst("webhook-timestamp") + "." + body;
    boolean right = ("v1," + hmac(signed)).equals(headers.getFirst("webhook-signature"));
    FakeBridge.json(right ? 202 : 401, right ? "{\"success\":true,\"status\":\"ignored\"}" : "{}")
        .to(exchange);
  }

  private String hmac(String text) throws IOException {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IOException(impossible);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
