package dev.profilepic.receiver.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.profilepic.receiver.support.ReceiverTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * The console in a browser. In every test, a page loads nothing from other origins, and the browser
 * reports no errors or warnings.
 */
abstract class ConsoleTest extends ReceiverTest {

  /** The states that the stand-in for the bridge reports, by instance. */
  static final ConcurrentHashMap<String, String> BRIDGE = new ConcurrentHashMap<>();

  private static final HttpServer BRIDGE_SERVER = bridge();

  private final List<BrowserContext> contexts = new ArrayList<>();
  private final List<String> complaints = new ArrayList<>();

  @DynamicPropertySource
  static void bridge(DynamicPropertyRegistry registry) {
    registry.add(
        "profile-pic.bridge.url", () -> "http://127.0.0.1:" + BRIDGE_SERVER.getAddress().getPort());
  }

  /** Removes references to photos without bytes, which other tests leave behind. */
  @BeforeEach
  void photosThatAreNone() {
    jdbc.sql(
            """
            UPDATE profile_pic.pictures SET storage_key = NULL
            WHERE storage_key IS NOT NULL AND NOT EXISTS (
              SELECT FROM profile_pic.avatars AS a WHERE a.storage_key = pictures.storage_key AND octet_length(a.bytes) > 0)
            """)
        .update();
  }

  /** Opens a page in a browser without a session. */
  Page visitor(String language) {
    return page(new NewContextOptions().setLocale(language));
  }

  /** Opens a page in a browser that is signed in with the key. */
  Page signedIn(String key) {
    return signIn(visitor("en-US"), key);
  }

  Page page(NewContextOptions options) {
    var context =
        Browsers.chromium().newContext(options.setBaseURL("http://127.0.0.1:" + http.port()));
    contexts.add(context);
    var page = context.newPage();
    page.setDefaultTimeout(10_000);
    page.onConsoleMessage(message -> {
      if (message.type().equals("error") || message.type().equals("warning")) {
        complaints.add(page.url() + ": " + message.text());
      }
    });
    page.onPageError(error -> complaints.add(page.url() + ": " + error));
    page.onRequest(request -> {
      if (!request.url().startsWith("http://127.0.0.1:" + http.port() + "/")) {
        complaints.add("loaded from elsewhere: " + request.url());
      }
    });
    return page;
  }

  static NewContextOptions phone() {
    return new NewContextOptions()
        .setLocale("pt-BR")
        .setViewportSize(390, 844)
        .setIsMobile(true)
        .setHasTouch(true)
        .setColorScheme(ColorScheme.DARK);
  }

  Page signIn(Page page, String key) {
    page.navigate("/console/sign-in");
    page.locator("#key").fill(key);
    page.locator("button").click();
    page.waitForURL("**/");
    return page;
  }

  /** Expects a complaint of the browser that the test provoked, and clears the complaint. */
  void expectComplaint(String part) {
    assertThat(complaints).anyMatch(complaint -> complaint.contains(part));
    complaints.removeIf(complaint -> complaint.contains(part));
  }

  @AfterEach
  void theBrowserIsContent() {
    contexts.forEach(BrowserContext::close);
    assertThat(complaints).isEmpty();
  }

  /** Checks a page for accessibility, as far as a tool can (WCAG 2.2 A and AA). */
  static void assertAccessible(Page page) {
    var violations =
        new AxeBuilder(page)
            .withTags(List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"))
            .analyze()
            .getViolations();
    assertThat(violations)
        .as(page.url())
        .extracting(violation ->
            violation.getId()
                + " "
                + violation.getNodes().stream()
                    .map(node -> node.getHtml() + " " + node.getFailureSummary())
                    .toList())
        .isEmpty();
  }

  static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  /** Waits for the page that says that something was done. */
  static void awaitDone(Page page, String what) {
    page.waitForURL(url -> url.contains("done=" + what));
  }

  static String notice(Page page) {
    return page.locator("#notice .notice").innerText();
  }

  static String main(Page page) {
    return page.locator("main").innerText();
  }

  private static HttpServer bridge() {
    try {
      var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/instances/", ConsoleTest::answer);
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.start();
      return server;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void answer(HttpExchange exchange) throws IOException {
    var parts = exchange.getRequestURI().getPath().split("/", -1);
    var id = parts[2];
    var asked = parts.length > 3 ? parts[3] : "";
    boolean trusted =
        "Bearer local-bridge-token".equals(exchange.getRequestHeaders().getFirst("Authorization"));
    var state = BRIDGE.get(id);
    exchange.getRequestBody().readAllBytes();
    if (!trusted) {
      send(exchange, 401, "{\"status\": \"unauthorized\"}");
    } else if (asked.isEmpty() && exchange.getRequestMethod().equals("POST")) {
      BRIDGE.putIfAbsent(id, "qr");
      send(exchange, 201, "{}");
    } else if (state == null) {
      send(exchange, 404, "{\"status\": \"unknown_instance\"}");
    } else if (asked.equals("qr") && state.equals("qr")) {
      var png = Portrait.png();
      exchange.getResponseHeaders().set("Content-Type", "image/png");
      exchange.sendResponseHeaders(200, png.length);
      exchange.getResponseBody().write(png);
      exchange.close();
    } else if (asked.equals("pairing-code") && state.equals("qr")) {
      send(exchange, 200, "{\"code\": \"ABCD1234\"}");
    } else if (asked.isEmpty()) {
      send(
          exchange,
          200,
          "{\"id\": \"%s\", \"state\": \"%s\", \"reason\": null, \"since\": \"2026-11-26T10:00:00Z\", \"jid\": %s}"
              .formatted(
                  id, state, state.equals("open") ? "\"5511900000009:3@s.whatsapp.net\"" : "null"));
    } else {
      send(exchange, 409, "{\"status\": \"no_qr\"}");
    }
  }

  private static void send(HttpExchange exchange, int status, String json) throws IOException {
    var bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
