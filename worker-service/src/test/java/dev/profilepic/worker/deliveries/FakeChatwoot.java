package dev.profilepic.worker.deliveries;

import com.sun.net.httpserver.HttpExchange;
import dev.profilepic.worker.LoopbackServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The contacts of one Chatwoot account, as Chatwoot's application API shows them: search by a part
 * of the phone, the avatar as part of a multipart form, an empty {@code thumbnail} without an
 * avatar, and 401 for a wrong token.
 */
final class FakeChatwoot implements AutoCloseable {

  static final int ACCOUNT = 3;
  static final String TOKEN = "a-token-of-chatwoot";

  private static final String CONTACTS = "/api/v1/accounts/" + ACCOUNT + "/contacts";

  private static final class Contact {
    private final int id;
    private final String phone;
    private volatile byte @Nullable [] avatar;
    private volatile String thumbnail = "";

    Contact(int id, String phone) {
      this.id = id;
      this.phone = phone;
    }

    Map<String, Object> json() {
      var json = new LinkedHashMap<String, Object>();
      json.put("id", id);
      json.put("name", "Somebody");
      json.put("phone_number", phone);
      json.put("thumbnail", thumbnail);
      return json;
    }
  }

  private final LoopbackServer server = new LoopbackServer(this::handle);
  private final Map<Integer, Contact> contacts = new ConcurrentHashMap<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final AtomicInteger uploads = new AtomicInteger();

  String url() {
    return server.url();
  }

  int contact(String phone) {
    int id = contacts.size() + 1;
    contacts.put(id, new Contact(id, phone));
    return id;
  }

  /** Sets a contact's avatar, as a human does in Chatwoot. */
  void upload(int contact, byte[] avatar) {
    attach(known(contact), avatar);
  }

  void remove(int contact) {
    contacts.remove(contact);
  }

  byte @Nullable [] avatar(int contact) {
    return known(contact).avatar;
  }

  /** Returns the methods and paths of all calls, in order. */
  List<String> calls() {
    return List.copyOf(calls);
  }

  private Contact known(int id) {
    var contact = contacts.get(id);
    if (contact == null) {
      throw new IllegalStateException("no contact " + id);
    }
    return contact;
  }

  private void attach(Contact contact, byte[] avatar) {
    contact.avatar = avatar;
    contact.thumbnail =
        url() + "/rails/active_storage/representations/redirect/" + uploads.incrementAndGet();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = exchange.getRequestBody().readAllBytes();
      calls.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath());
      if (!TOKEN.equals(exchange.getRequestHeaders().getFirst("api_access_token"))) {
        answer(exchange, 401, Map.of("errors", List.of("Invalid Access Token")));
        return;
      }
      route(exchange, body);
    }
  }

  private void route(HttpExchange exchange, byte[] body) throws IOException {
    var path = exchange.getRequestURI().getPath();
    if (path.equals(CONTACTS + "/search")) {
      var wanted = exchange.getRequestURI().getQuery().replaceFirst(".*q=([^&]*).*", "$1");
      var found =
          contacts.values().stream()
              .filter(contact -> contact.phone.contains(wanted))
              .map(Contact::json)
              .toList();
      answer(exchange, 200, Map.of("meta", Map.of("count", found.size()), "payload", found));
      return;
    }
    var parts =
        path.startsWith(CONTACTS + "/")
            ? path.substring(CONTACTS.length() + 1).split("/")
            : new String[] {"0"};
    var contact = contacts.get(Integer.parseInt(parts[0]));
    if (contact == null) {
      answer(exchange, 404, Map.of("error", "Resource could not be found"));
      return;
    }
    switch (exchange.getRequestMethod() + parts.length) {
      case "GET1" -> {}
      case "PUT1" -> attach(contact, part(exchange, body));
      case "DELETE2" -> {
        contact.avatar = null;
        contact.thumbnail = "";
      }
      default -> throw new IllegalStateException(exchange.getRequestMethod() + " " + path);
    }
    answer(exchange, 200, new HashMap<>(Map.of("payload", contact.json())));
  }

  /** Returns the bytes of the form part that is named avatar and has a file name. */
  private static byte[] part(HttpExchange exchange, byte[] body) {
    var boundary =
        exchange
            .getRequestHeaders()
            .getFirst("Content-Type")
            .replaceFirst(".*boundary=([^;]*).*", "$1");
    var text = new String(body, StandardCharsets.ISO_8859_1);
    int head = text.indexOf("name=\"avatar\"; filename=\"avatar.");
    int start = text.indexOf("\r\n\r\n", head) + 4;
    int end = text.indexOf("\r\n--" + boundary, start);
    if (head < 0 || end < 0) {
      throw new IllegalStateException("no avatar in " + text);
    }
    return text.substring(start, end).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void answer(HttpExchange exchange, int status, Map<String, ?> body)
      throws IOException {
    var bytes = JsonMapper.builder().build().writeValueAsBytes(body);
    exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.close();
  }
}
