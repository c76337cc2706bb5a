package dev.profilepic.worker.sources;

import com.sun.net.httpserver.HttpExchange;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.LoopbackServer;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A gateway over real HTTP, with a WhatsApp behind it that gives the answers that a test sets. Each
 * subclass puts these answers into the words of one gateway, taken from that gateway's source.
 */
abstract class FakeGateway implements AutoCloseable {

  static final String INSTANCE = "Vendas 1";
  static final String KEY = "429683C4C977415CAAFCCE10F7D57E11";

  protected static final JsonMapper JSON = JsonMapper.builder().build();

  /** WhatsApp's answer about a picture. */
  enum Says {
    PHOTO,
    NONE,
    HIDDEN,
    THROTTLED,
    SILENCE,
    /** An answer without a picture in it. */
    EMPTY,
    /** The gateway itself sends an unreadable answer. */
    GARBAGE,
    /** The gateway itself sends no answer. */
    HANG,
    /** The gateway itself sends a byte now and then. */
    DRIP,
    /** The gateway itself sends an error that is not WhatsApp's. */
    BROKEN
  }

  private final LoopbackServer server = new LoopbackServer(this::answer);
  private final Map<String, Says> pictures = new ConcurrentHashMap<>();
  private final Map<String, String> accounts = new ConcurrentHashMap<>();
  private final Map<String, String> lids = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean connected = true;
  private volatile String photo = "https://pps.whatsapp.net/v/photo.jpg?oe=7FFFFFFF";

  String url() {
    return server.url();
  }

  /** Forgets all accounts, LIDs and requests, and connects the instance. */
  void reset() {
    pictures.clear();
    accounts.clear();
    lids.clear();
    asked.clear();
    connected = true;
    photo = "https://pps.whatsapp.net/v/photo.jpg?oe=7FFFFFFF";
  }

  /** Adds the account with this id, and sets WhatsApp's answer about its picture. */
  FakeGateway account(String jid, Says says) {
    pictures.put(jid, says);
    accounts.put(jid, jid);
    return this;
  }

  /** Adds a spelling that WhatsApp knows under another id. */
  FakeGateway alias(String spelling, String jid) {
    accounts.put(spelling, jid);
    return this;
  }

  /** Adds a LID whose account the gateway has seen. Both parameters are whole ids. */
  FakeGateway seen(String lid, String jid) {
    lids.put(lid, jid);
    return this;
  }

  /** Returns the account of a LID, or an empty text when the gateway has not seen it. */
  protected String whose(String lid) {
    return lids.getOrDefault(lid, "");
  }

  void disconnect() {
    connected = false;
  }

  /** Sets the link that the gateway gives as the photo. */
  void photo(String link) {
    photo = link;
  }

  /** Returns the paths and queries of all requests. */
  List<String> asked() {
    return asked;
  }

  protected String photo() {
    return photo;
  }

  protected boolean connected() {
    return connected;
  }

  /** Returns WhatsApp's answer about the picture of an id. */
  protected Says saysOf(String jid) {
    return pictures.getOrDefault(jid, Says.NONE);
  }

  /**
   * Returns the id of an account by one of its spellings, or an empty text without such an account.
   */
  protected String jid(String spelling) {
    return accounts.getOrDefault(spelling, "");
  }

  protected abstract FakeBridge.Answer answerTo(
      String method, String path, Map<String, String> query, JsonNode body, HttpExchange exchange)
      throws IOException;

  protected static FakeBridge.Answer text(int status, String text) {
    return FakeBridge.bytes(status, "text/plain", text.getBytes(StandardCharsets.UTF_8));
  }

  protected static FakeBridge.Answer json(int status, Object body) {
    return FakeBridge.json(status, JSON.writeValueAsString(body));
  }

  /** Returns an answer that stays silent until the gateway is closed. */
  protected FakeBridge.Answer silent() {
    return exchange -> {
      try {
        closed.await();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    };
  }

  /** Returns the gateway's own fault, the same for every caller. Empty when WhatsApp is asked. */
  private Optional<FakeBridge.Answer> ownTrouble(Says says) {
    return switch (says) {
      case GARBAGE -> Optional.of(text(200, "<html>Bad gateway</html>"));
      case HANG -> Optional.of(silent());
      case DRIP -> Optional.of(this::drip);
      case BROKEN -> Optional.of(text(502, ""));
      case PHOTO, NONE, HIDDEN, THROTTLED, SILENCE, EMPTY -> Optional.empty();
    };
  }

  private void drip(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try {
      while (!closed.await(50, TimeUnit.MILLISECONDS)) {
        exchange.getResponseBody().write(' ');
        exchange.getResponseBody().flush();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    var uri = exchange.getRequestURI();
    asked.add(exchange.getRequestMethod() + " " + uri);
    try (exchange) {
      var bytes = exchange.getRequestBody().readAllBytes();
      var trouble =
          pictures.values().stream().map(this::ownTrouble).flatMap(Optional::stream).findFirst();
      if (trouble.isPresent()) {
        trouble.get().to(exchange);
        return;
      }
      answerTo(
              exchange.getRequestMethod(),
              uri.getPath(),
              query(uri.getRawQuery()),
              JSON.readTree(bytes),
              exchange)
          .to(exchange);
    }
  }

  private static Map<String, String> query(String raw) {
    var query = new ConcurrentHashMap<String, String>();
    for (var pair : raw == null ? new String[0] : raw.split("&")) {
      var parts = pair.split("=", 2);
      query.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return query;
  }

  @Override
  public void close() {
    closed.countDown();
    server.close();
  }
}
