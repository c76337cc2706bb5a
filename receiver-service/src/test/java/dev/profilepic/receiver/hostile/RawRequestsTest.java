package dev.profilepic.receiver.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Impatient;
import dev.profilepic.receiver.support.ReceiverTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Raw requests that no HTTP client would send. Tomcat itself refuses most of them. */
@Impatient
class RawRequestsTest extends ReceiverTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String HEADERS =
      "Host: x\r\nAuthorization: Bearer " + KEY + "\r\nContent-Type: application/json\r\n";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /bulk-sync-status?a=[] HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /bulk|sync HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a%2fb%5c..%2f HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /;/../..//instances HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /bulk-sync-status HTTP/1.1\r\n\r\n",
        "GET /bulk-sync-status HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET /bulk-sync-status HTTP/1.1\r\nHost: x y\r\n\r\n",
        "GET /bulk-sync-status HTTP/9.9\r\nHost: x\r\n\r\n",
        "G<T /bulk-sync-status HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /bulk-sync-status HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        "POST /profile-pics HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /profile-pics HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        "POST /profile-pics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /profile-pics HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
        "PROPFIND /profile-pics HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET https://elsewhere.example/instances HTTP/1.1\r\nHost: x\r\n\r\n",
      })
  void whateverIsRefusedIsRefusedAsAProblem(String request) throws IOException {
    var answer = exchange(request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));

    isProblem(answer);
    assertThat(status(answer)).isBetween(400, 505);
  }

  @Test
  void headersThatAreTooLargeAreAProblemToo() throws IOException {
    isProblem(
        exchange(
            "GET /bulk-sync-status HTTP/1.1\r\n"
                + HEADERS
                + "X: "
                + "v".repeat(40_000)
                + "\r\n\r\n"));
    isProblem(
        exchange(
            "GET /bulk-sync-status HTTP/1.1\r\n" + HEADERS + "X: y\r\n".repeat(2_000) + "\r\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 1000\r\n\r\n{\"lead_id\":",
        "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"lea\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"",
      })
  void aBodyThatNeverEndsIsGivenUp(String body) throws IOException {
    var answer = exchange("POST /profile-pics HTTP/1.1\r\n" + HEADERS + body);

    isProblem(answer);
    assertThat(status(answer)).isEqualTo(408);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2;" + "x=y;" + "\r\n{}garbage\r\n0\r\n\r\n",
      })
  void brokenChunksAreAProblem(String body) throws IOException {
    var answer = exchange("POST /profile-pics HTTP/1.1\r\nConnection: close\r\n" + HEADERS + body);

    isProblem(answer);
    assertThat(status(answer)).isEqualTo(400);
  }

  @Test
  void aBodyThatIsTooLargeIsNotReadOnFromItsMiddle() throws IOException {
    var lead = newLead("5562999212484");
    var event = "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead);
    int limit = 64 * 1024;
    var body = " ".repeat(limit + 1) + event;

    var answer =
        exchange(
            "POST /profile-pics HTTP/1.1\r\nConnection: close\r\n"
                + HEADERS
                + "Transfer-Encoding: chunked\r\n\r\n"
                + Integer.toHexString(body.length())
                + "\r\n"
                + body
                + "\r\n0\r\n\r\n");

    isProblem(answer);
    assertThat(status(answer)).isEqualTo(413);
    assertThat(messagesFor(lead)).isEmpty();
  }

  @Test
  void garbageBehindARequestIsAnsweredOnItsOwn() throws IOException {
    var answer =
        exchange(
            "GET /bulk-sync-status HTTP/1.1\r\n" + HEADERS + "\r\n\u0001\u0002 garbage\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 200");
    isProblem(answer.substring(answer.lastIndexOf("HTTP/1.1 ")));
  }

  @Test
  void aRequestHiddenInAnothersBodyIsNotObeyed() throws IOException {
    var lead = newLead("5562999212484");
    var hidden = "DELETE /leads/" + lead + "/profile-pic HTTP/1.1\r\n" + HEADERS + "\r\n";

    exchange(
        "POST /profile-pics HTTP/1.1\r\n"
            + HEADERS
            + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            + hidden);

    assertThat(http.get("/leads/" + lead + "/profile-pic").json().path("state").asString())
        .isNotEqualTo("ERASED");
  }

  private static int status(String answer) {
    return Integer.parseInt(answer.split(" ", 3)[1]);
  }

  private static void isProblem(String answer) {
    assertThat(answer)
        .containsIgnoringCase("Content-Type: application/problem+json")
        .doesNotContainIgnoringCase("tomcat", "<html", "Server:", "java.");
    JsonNode body =
        JSON.readTree(answer.substring(answer.indexOf('{'), answer.lastIndexOf('}') + 1));
    assertThat(body.path("success").asBoolean(true)).isFalse();
    assertThat(body.path("status").asInt()).isEqualTo(status(answer));
    assertThat(List.copyOf(body.propertyNames())).contains("type", "title", "detail", "errors");
  }

  /** Sends the request and reads until the receiver closes the connection. */
  private String exchange(String request) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), http.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      var answer = new StringBuilder();
      var in = socket.getInputStream();
      try {
        for (int octet = in.read(); octet >= 0; octet = in.read()) {
          answer.append((char) octet);
        }
      } catch (SocketException reset) {
        assertThat(answer).as("what was answered before the reset").isNotEmpty();
      }
      return answer.toString();
    }
  }
}
