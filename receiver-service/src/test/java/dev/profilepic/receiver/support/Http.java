package dev.profilepic.receiver.support;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A caller of the receiver, which sends exactly the given request and reads the response. */
public final class Http {

  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final int port;
  private final @Nullable String key;
  private final Duration patience;

  public Http(int port, @Nullable String key) {
    this(port, key, Duration.ofSeconds(30));
  }

  private Http(int port, @Nullable String key, Duration patience) {
    this.port = port;
    this.key = key;
    this.patience = patience;
  }

  public int port() {
    return port;
  }

  /** Returns the same caller with another timeout than half a minute. */
  public Http withPatience(Duration longest) {
    return new Http(port, key, longest);
  }

  public record Answer(int status, byte[] bytes, Map<String, List<String>> headers) {

    public String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    public JsonNode json() {
      return JSON.readTree(bytes);
    }

    public String header(String name) {
      return headers.getOrDefault(name.toLowerCase(java.util.Locale.ROOT), List.of("")).getFirst();
    }
  }

  public Answer get(String path, String... headers) {
    return send("GET", path, null, headers);
  }

  public Answer post(String path, String json, String... headers) {
    return send("POST", path, json.getBytes(StandardCharsets.UTF_8), typed(headers));
  }

  public Answer patch(String path, String json) {
    return send("PATCH", path, json.getBytes(StandardCharsets.UTF_8), typed());
  }

  public Answer delete(String path) {
    return send("DELETE", path, null);
  }

  /**
   * Sends anything.
   *
   * @param headers names and values in turn
   */
  public Answer send(String method, String path, byte @Nullable [] body, String... headers) {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(patience)
            .method(
                method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (key != null) {
      request.header("Authorization", "Bearer " + key);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      var answer = CLIENT.send(request.build(), BodyHandlers.ofByteArray());
      return new Answer(answer.statusCode(), answer.body(), answer.headers().map());
    } catch (IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  private static String[] typed(String... headers) {
    var all = new java.util.ArrayList<>(List.of(headers));
    if (!all.contains("Content-Type")) {
      all.addAll(List.of("Content-Type", "application/json"));
    }
    return all.toArray(String[]::new);
  }
}
