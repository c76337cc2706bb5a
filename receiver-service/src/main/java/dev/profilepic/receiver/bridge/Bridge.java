package dev.profilepic.receiver.bridge;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The bridge's numbers. The caller of these methods has checked the right to name the instance. */
@Component
public class Bridge {

  private static final Logger log = LoggerFactory.getLogger(Bridge.class);
  private static final Duration PATIENCE = Duration.ofSeconds(4);
  private static final Duration PAIRING_PATIENCE = Duration.ofSeconds(12);

  /**
   * The state of a number's connection.
   *
   * @param state connecting, qr, open, paused, logged_out, replaced, banned, failed
   * @param reason null when there is none
   * @param number the phone number; null until the instance was paired
   */
  public record Connection(
      String state, @Nullable String reason, @Nullable Instant since, @Nullable String number) {

    /** Returns whether the number waits for pairing, or may soon do so. */
    public boolean isPairing() {
      return state.equals("qr") || state.equals("connecting");
    }
  }

  private final @Nullable URI url;
  private final String token;
  private final JsonMapper json;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  Bridge(BridgeProperties properties, JsonMapper json) {
    this.url = properties.url();
    this.token = properties.token();
    this.json = json;
  }

  /** Returns whether a bridge is configured. */
  public boolean isKnown() {
    return url != null;
  }

  /** Adds a number, or wakes it. The number then shows a QR code, unless it was paired before. */
  public void connect(String instance) {
    var answer = send("POST", "/instances/" + instance, null, PATIENCE);
    if (answer.statusCode() / 100 != 2) {
      throw refused(answer.statusCode());
    }
  }

  /** Returns the state of a number's connection; empty when the bridge has no such number. */
  public Optional<Connection> connection(String instance) {
    var answer = send("GET", "/instances/" + instance, null, PATIENCE);
    if (answer.statusCode() == 404) {
      return Optional.empty();
    }
    if (answer.statusCode() != 200) {
      throw refused(answer.statusCode());
    }
    var told = read(answer.body());
    return Optional.of(
        new Connection(
            told.path("state").asString("failed"),
            told.path("reason").isString() ? told.path("reason").asString() : null,
            time(told.path("since").asString("")),
            told.path("jid").isString()
                ? told.path("jid").asString().replaceAll("[:@].*", "")
                : null));
  }

  /** Returns the QR code as PNG; empty when there is no code to scan now. */
  public Optional<byte[]> qr(String instance) {
    var answer = send("GET", "/instances/" + instance + "/qr?format=png", null, PATIENCE);
    return switch (answer.statusCode()) {
      case 200 -> Optional.of(answer.body());
      case 404, 409 -> Optional.empty();
      default -> throw refused(answer.statusCode());
    };
  }

  /**
   * Returns a code to enter on the phone instead of scanning.
   *
   * @param phone digits
   * @throws ProblemException 409 when the number is not waiting for pairing
   */
  public String pairingCode(String instance, String phone) {
    var body = json.createObjectNode().put("phone", phone).toString();
    var answer = send("POST", "/instances/" + instance + "/pairing-code", body, PAIRING_PATIENCE);
    return switch (answer.statusCode()) {
      case 200 -> read(answer.body()).path("code").asString("");
      case 404, 409 ->
          throw new ProblemException(
              Problem.CONFLICT, "This number does not wait to be paired: connect it first.");
      default -> throw refused(answer.statusCode());
    };
  }

  private HttpResponse<byte[]> send(
      String method, String path, @Nullable String body, Duration patience) {
    if (url == null) {
      throw new ProblemException(
          Problem.CONFLICT, "The receiver knows no bridge: set PROFILE_PIC_BRIDGE_URL.");
    }
    var request =
        HttpRequest.newBuilder(URI.create(url.toString().replaceFirst("/+$", "") + path))
            .timeout(patience)
            .header("Authorization", "Bearer " + token)
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    try {
      return client.send(request.build(), BodyHandlers.ofByteArray());
    } catch (IOException away) {
      log.warn("the bridge did not answer: {}", away.toString());
      throw new ProblemException(Problem.BUSY, "The bridge does not answer.");
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new ProblemException(Problem.BUSY, "The bridge does not answer.");
    }
  }

  private JsonNode read(byte[] body) {
    try {
      return json.readTree(body);
    } catch (JacksonException notJson) {
      throw refused(200);
    }
  }

  private static ProblemException refused(int status) {
    return new ProblemException(
        Problem.BUSY,
        status == 401 || status == 403
            ? "The bridge refused the receiver's token: set PROFILE_PIC_BRIDGE_TOKEN."
            : "The bridge answered " + status + ".");
  }

  private static @Nullable Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException notATime) {
      return null;
    }
  }
}
