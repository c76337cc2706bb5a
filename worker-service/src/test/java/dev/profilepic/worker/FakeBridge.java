package dev.profilepic.worker;

import static java.util.stream.Collectors.joining;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A bridge and a CDN on one port, over real HTTP. Lookups get the answer that was set for the phone
 * ({@link #lookup}). Downloads get the answer that was set for the path ({@link #file}). Both
 * answers may use the exchange freely.
 */
public final class FakeBridge implements AutoCloseable {

  /** Answers one request. */
  @FunctionalInterface
  public interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  /** The response of an older release of the bridge to a batch. */
  public static final Answer NO_ROUTE =
      json(404, "{\"statusCode\":404,\"error\":\"Not Found\",\"message\":\"Route not found\"}");

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpServer server;
  private final Map<String, Answer> lookups = new ConcurrentHashMap<>();
  private final Map<String, Answer> files = new ConcurrentHashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final List<List<JsonNode>> batches = new CopyOnWriteArrayList<>();
  private volatile @Nullable Function<JsonNode, String> ids;
  private volatile Answer batchAnswer = NO_ROUTE;
  private volatile Answer otherLookups = json(200, "{\"status\":\"not_set\"}");
  private volatile Answer overview = json(200, "{\"instances\":[]}");

  public FakeBridge() {
    this(0);
  }

  public FakeBridge(int port) {
    try {
      server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/instances", this::answerLookup);
    server.createContext("/", this::answerFile);
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public String url() {
    return "http://127.0.0.1:" + port();
  }

  /** Returns the number of lookups so far. */
  public int asked() {
    return asked.get();
  }

  public FakeBridge lookup(String phone, Answer answer) {
    lookups.put(phone, answer);
    return this;
  }

  public FakeBridge allOtherLookups(Answer answer) {
    otherLookups = answer;
    return this;
  }

  /** Returns the contacts of each batch so far. Batches do not count as lookups. */
  public List<List<JsonNode>> batches() {
    return List.copyOf(batches);
  }

  /**
   * Makes the bridge answer batches, which it otherwise does not know.
   *
   * @param entry for each contact, the fields of its answer in JSON
   */
  public FakeBridge ids(Function<JsonNode, String> entry) {
    ids = entry;
    return this;
  }

  /** Makes the bridge give this answer to every batch. */
  public FakeBridge allBatches(Answer answer) {
    ids = null;
    batchAnswer = answer;
    return this;
  }

  /**
   * Sets the bridge's answer about itself and its instances. Requests for it do not count as
   * lookups.
   */
  public FakeBridge overview(Answer answer) {
    overview = answer;
    return this;
  }

  /**
   * @param path begins with a slash
   */
  public FakeBridge file(String path, Answer answer) {
    files.put(path, answer);
    return this;
  }

  /** Returns the answer of a bridge that found a picture at the path. */
  public Answer found(String path, String pictureId) {
    return json(
        200,
        "{\"status\":\"found\",\"url\":\"%s%s\",\"picture_id\":\"%s\",\"jid\":\"1@s.whatsapp.net\"}"
            .formatted(url(), path, pictureId));
  }

  public static Answer json(int status, String body) {
    return bytes(status, "application/json", body.getBytes(StandardCharsets.UTF_8));
  }

  public static Answer bytes(int status, String contentType, byte[] body) {
    return exchange -> {
      exchange.getResponseHeaders().set("Content-Type", contentType);
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    };
  }

  public static Answer throttled(int retryAfterSeconds) {
    return exchange -> {
      exchange.getResponseHeaders().set("Retry-After", Integer.toString(retryAfterSeconds));
      json(429, "{\"status\":\"throttled\"}").to(exchange);
    };
  }

  private void answerLookup(HttpExchange exchange) throws IOException {
    if (exchange.getRequestURI().getPath().equals("/instances")) {
      try (exchange) {
        overview.to(exchange);
      }
      return;
    }
    if (exchange.getRequestURI().getPath().endsWith("/picture-ids")) {
      try (exchange) {
        answerBatch(exchange);
      }
      return;
    }
    asked.incrementAndGet();
    var query = exchange.getRequestURI().getQuery();
    var phone = query == null ? "" : query.replaceFirst(".*phone=([0-9]+).*", "$1");
    try (exchange) {
      lookups.getOrDefault(phone, otherLookups).to(exchange);
    }
  }

  private void answerBatch(HttpExchange exchange) throws IOException {
    var contacts = new ArrayList<JsonNode>();
    JSON.readTree(exchange.getRequestBody()).path("contacts").forEach(contacts::add);
    batches.add(contacts);
    var entry = ids;
    if (entry == null) {
      batchAnswer.to(exchange);
      return;
    }
    json(
            200,
            "{\"queries\":1,\"contacts\":[%s]}"
                .formatted(
                    contacts.stream()
                        .map(contact -> "{" + entry.apply(contact) + "}")
                        .collect(joining(","))))
        .to(exchange);
  }

  private void answerFile(HttpExchange exchange) throws IOException {
    try (exchange) {
      files.getOrDefault(exchange.getRequestURI().getPath(), json(404, "{}")).to(exchange);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
