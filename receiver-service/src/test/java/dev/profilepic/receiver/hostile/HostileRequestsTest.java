package dev.profilepic.receiver.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.profilepic.receiver.support.ReceiverTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.yaml.snakeyaml.Yaml;

/**
 * Hostile parameters, headers, content types and path variables at every route of {@code
 * openapi.yaml}: no response is a 5xx, and no refused request leaves a stack trace in the log.
 */
class HostileRequestsTest extends ReceiverTest {

  private static final int ROUNDS = 8;
  private static final Pattern VARIABLE = Pattern.compile("\\{[^}]+}");
  private static final List<String> METHODS = List.of("get", "post", "patch", "delete");
  private static final List<String> VALUES =
      List.of(
          "",
          "%00",
          "a%00b",
          "%C3",
          "%C3%28",
          "%FF%FE",
          "%ED%A0%80",
          "%F8%88%80%80%80",
          "%",
          "%zz",
          "%2",
          "%0d%0aX-Injected:%20y",
          "%1b%5b2J",
          "%E2%80%AE",
          "..%2f..%2fetc%2fpasswd",
          "%252e%252e",
          ";a=b",
          "+",
          "null",
          "-1",
          "0",
          "1e9",
          "99999999999999999999999",
          "-9223372036854775809",
          "%27%3B%20DROP%20TABLE%20leads%3B--",
          "%7B%22a%22%3A1%7D",
          "%24%7Bjndi%3Aldap%3A%2F%2Fx%7D",
          "x".repeat(3_000));
  private static final List<String> HEADERS =
      List.of(
          "Content-Type: */*",
          "Content-Type: application/*",
          "Content-Type: ;",
          "Content-Type: application/json; charset=none",
          "Content-Type: application/json; charset=\"",
          "Content-Type: text/plain; charset=UTF-16",
          "Content-Type: multipart/form-data",
          "Content-Type: multipart/form-data; boundary=",
          "Content-Type: application/x-www-form-urlencoded",
          "Content-Type: \u00c3\u0028",
          "Accept: */*/*",
          "Accept: ;;;",
          "Accept: image/png",
          "Accept: " + "a/b,".repeat(500),
          "Accept-Language: " + "x-".repeat(300),
          "Accept-Charset: none",
          "Accept-Encoding: gzip;q=9",
          "Range: bytes=9-1",
          "If-None-Match: \"\u00ff",
          "If-Modified-Since: yesterday",
          "Expect: 200-maybe",
          "Origin: null",
          "Origin: http://[",
          "Access-Control-Request-Method: \u00ff",
          "Cookie: a=\u0001b; =; \"",
          "traceparent: 00-\u00ff",
          "X-Forwarded-For: " + "1,".repeat(500),
          "X-Forwarded-Host: a b",
          "X-Forwarded-Port: x",
          "Forwarded: for=\"",
          "X-HTTP-Method-Override: TRACE",
          "webhook-id: \u00c3",
          "webhook-timestamp: 99999999999999999999",
          "webhook-signature: v1,%%% v1",
          "x-webhook-hmac: " + "g".repeat(128),
          "Idempotency-Key: \u0000");
  private static final List<String> CREDENTIALS =
      List.of(
          "Authorization: Bearer " + KEY,
          "Authorization: Bearer " + KEY,
          "Authorization: Bearer " + KEY,
          "Authorization: Basic %%%",
          "Authorization: Basic " + "w6k=".repeat(9),
          "Authorization: Bearer eyJ.eyJ.",
          "Authorization: ",
          "x-api-token: \u00e9\u00ff",
          "apikey: " + "k".repeat(2_000));
  private static final List<String> BODIES =
      List.of("", "{}", "[]", "null", "\u00c3(", "{\"lead_id\":\"\\u0000\"}", "a=%00&b=%C3&=");

  private record Route(String method, String path) {}

  private final Queue<ILoggingEvent> logged = new ConcurrentLinkedQueue<>();
  private final AppenderBase<ILoggingEvent> listener =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          logged.add(event);
        }
      };

  @BeforeEach
  void listen() {
    listener.start();
    root().addAppender(listener);
  }

  @AfterEach
  void stopListening() {
    root().detachAppender(listener);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nothingHostileMakesTheReceiverFail(long seed) throws IOException {
    var random = new Random(seed);
    int sent = 0;
    for (int round = 0; round < ROUNDS; round++) {
      for (var route : routes()) {
        var request = request(route.method(), route.path(), random);
        isNoFault(request, exchange(request));
        sent++;
      }
    }

    refusalsLeftNoTraces(sent);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/avatars/x?sig=%C3%28",
        "/avatars/x?sig=%00",
        "/avatars/x?v=%FF",
        "/dead-letters?reason=%C3%28",
        "/dead-letters?reason=%00",
        "/dead-letters?reason=a%00b&limit=5",
        "/instances?after=%C3",
        "/instances?after=%00",
        "/syncs?limit=%C3",
        "/leads/x/profile-pic?%C3=1",
        "/leads/%C3%28/profile-pic",
      })
  void whatIsNoTextIsTheCallersFault(String path) throws IOException {
    var answer = exchange(get(path, "Authorization: Bearer " + KEY));

    assertThat(answer).as(path).startsWith("HTTP/1.1 400");
    assertThat(answer).contains("application/problem+json");
    refusalsLeftNoTraces(1);
  }

  @Test
  void soAreAThousandParameters() throws IOException {
    var answer = exchange(get("/avatars/x?" + "a=1&".repeat(1_500), "Accept: */*"));

    assertThat(answer).startsWith("HTTP/1.1 400").contains("application/problem+json");
    refusalsLeftNoTraces(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"*/*", "application/*", "text/plain", ";"})
  void aContentTypeThatSaysNothingIsRefused(String type) throws IOException {
    var answer =
        exchange(
            "POST /profile-pics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                + KEY
                + "\r\nContent-Type: "
                + type
                + "\r\nContent-Length: 2\r\n\r\n{}");

    assertThat(answer).startsWith("HTTP/1.1 415").contains("application/problem+json");
    refusalsLeftNoTraces(1);
  }

  private static void isNoFault(String request, String answer) {
    assertThat(answer).as(request).matches(Pattern.compile("HTTP/1.1 [234].*", Pattern.DOTALL));
    assertThat(answer).doesNotContain("at dev.profilepic", "PSQL", "X-Injected");
  }

  private void refusalsLeftNoTraces(int requests) {
    assertThat(logged)
        .as("with a stack trace")
        .noneMatch(event -> event.getThrowableProxy() != null);
    assertThat(logged).as("lines").hasSizeLessThanOrEqualTo(requests);
  }

  private static String request(String method, String path, Random random) {
    var variables = VARIABLE.matcher(path);
    var filled =
        variables.replaceAll(variable ->
            Matcher.quoteReplacement(random.nextInt(3) == 0 ? "1" : any(VALUES, random)));
    var query = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      query
          .append(query.isEmpty() ? "?" : "&")
          .append(any(List.of("limit", "before", "after", "reason", "sig", "v", "k", "x"), random))
          .append('=')
          .append(any(VALUES, random));
    }
    var body = any(BODIES, random);
    var headers = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      headers.append(any(HEADERS, random)).append("\r\n");
    }
    return method.toUpperCase(Locale.ROOT)
        + " "
        + filled
        + query
        + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        + any(CREDENTIALS, random)
        + "\r\n"
        + headers
        + (method.equals("get")
            ? "\r\n"
            : "Content-Length: "
                + body.getBytes(StandardCharsets.ISO_8859_1).length
                + "\r\n\r\n"
                + body);
  }

  private static String get(String path, String header) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header + "\r\n\r\n";
  }

  /** Returns the routes of the API description, so that new routes are attacked too. */
  private List<Route> routes() {
    Map<String, Map<String, Map<String, Object>>> description =
        new Yaml().load(http.get("/openapi.yaml").text());
    var routes = new ArrayList<Route>();
    description
        .getOrDefault("paths", Map.of())
        .forEach((path, item) ->
            METHODS.stream()
                .filter(item::containsKey)
                .forEach(method -> routes.add(new Route(method, path))));
    return routes;
  }

  private static <T> T any(List<T> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  /** Sends the request and reads until the receiver closes the connection. */
  private String exchange(String request) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), http.port())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}
