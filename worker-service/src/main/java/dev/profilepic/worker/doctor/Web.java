package dev.profilepic.worker.doctor;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Speaks HTTP as a browser or a sender does, but does not follow redirects to other servers. */
final class Web implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int MOST = 64 * 1024;

  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(Duration.ofSeconds(5))
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * An answer.
   *
   * @param body the beginning of the body
   * @param date the header {@code date}; empty without the header
   */
  record Answer(int status, String contentType, String body, String date) {

    boolean isOfOurs() {
      return contentType.startsWith("application/problem+json")
          || contentType.startsWith("application/json");
    }
  }

  Answer get(String url, Map<String, String> headers) throws IOException, InterruptedException {
    return send(request(url, headers).GET().build());
  }

  Answer post(String url, String json, Map<String, String> headers)
      throws IOException, InterruptedException {
    return send(
        request(url, headers)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  private static HttpRequest.Builder request(String url, Map<String, String> headers)
      throws IOException {
    try {
      var request = HttpRequest.newBuilder(URI.create(url)).timeout(TIMEOUT);
      headers.forEach(request::header);
      return request;
    } catch (IllegalArgumentException notAUrl) {
      throw new IOException("\"" + url + "\" is no http or https url", notAUrl);
    }
  }

  private Answer send(HttpRequest request) throws IOException, InterruptedException {
    var response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (var body = response.body()) {
      return new Answer(
          response.statusCode(),
          response.headers().firstValue("content-type").orElse(""),
          new String(body.readNBytes(MOST), StandardCharsets.UTF_8),
          response.headers().firstValue("date").orElse(""));
    }
  }

  /** Returns in words why a server could not be reached. */
  static String why(IOException failure) {
    @Nullable String message = failure.getMessage();
    var kind = failure.getClass().getSimpleName().replaceFirst("Exception$", "");
    return message == null || message.isBlank() ? kind : message;
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
