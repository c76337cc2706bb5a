package dev.profilepic.receiver.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.fuzz.HostileRequest;
import dev.profilepic.fuzz.RawClient;
import dev.profilepic.receiver.support.ReceiverTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** An error that Tomcat finds only while the request is read is also the caller's error. */
@ExtendWith(OutputCaptureExtension.class)
class UnreadableRequestsTest extends ReceiverTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /instances?after=%zz",
        "GET /instances?after=%c3",
        "GET /syncs?limit=%",
        "GET /dead-letters?reason=a%00b",
        "GET /instances?after=%00",
        "GET /avatars/x?sig=%00",
        "GET /dead-letters?reason=%c3%28",
        "GET /avatars/x?sig=%ff",
        "GET /avatars/x?sig=%7",
        "DELETE /leads/x/profile-pic?reason=%zz",
      })
  void aParameterThatCannotBeDecodedIsRefused(String line, CapturedOutput output)
      throws IOException {
    var answer = send(line, "Content-Length: 0\r\n\r\n");

    assertThat(answer.status()).isIn(400, 404);
    assertThat(answer.text()).contains("\"success\":false");
    assertThat(output).doesNotContain("failed unexpectedly");
  }

  @Test
  void aHeaderWhoseNameEndsInABlankIsRefused(CapturedOutput output) throws IOException {
    var answer = send("POST /profile-pics", "Content-Typ\u00e9 : a\r\nContent-Length: 2\r\n\r\n{}");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(output).doesNotContain("failed unexpectedly");
  }

  @ParameterizedTest
  @ValueSource(strings = {"appl\u0080ication/json", "application/json\u00e9"})
  void aHeaderWithCharactersThatAreNotAllowedIsRefused(String type, CapturedOutput output)
      throws IOException {
    var answer =
        exchange(
            "POST /profile-pics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                + KEY
                + "\r\nContent-Type: "
                + type
                + "\r\nContent-Length: 2\r\n\r\n{}");

    assertThat(answer.status()).isIn(400, 415);
    assertThat(output).doesNotContain("failed unexpectedly");
  }

  /** Other errors of the request decide which header is read, and when. */
  @ParameterizedTest
  @ValueSource(strings = {"Accept", "Idempotency-Key", "traceparent", "If-None-Match", "Origin"})
  void soIsOneThatIsReadWhenTheAnswerIsWrittenAlready(String name, CapturedOutput output)
      throws IOException {
    for (var route :
        List.of(
            "POST /instance/x/sync-profile-pics-bulk",
            "POST /profile-pics",
            "PATCH /instances/x",
            "GET /instances",
            "GET /nowhere")) {
      for (var rest :
          List.of(
              "application/json\r\nContent-Length: 2\r\n\r\n{}",
              "multipart/form-data; boundary=x\r\nContent-Length: 2\r\n\r\n{}",
              "multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n\r\n")) {
        var answer =
            exchange(
                "%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s: \u00f0\u009f\u00ae\r\nContent-Type: %s"
                    .formatted(route, KEY, name, rest));

        assertThat(answer.status()).as("%s, %s: %s", route, rest, answer.text()).isLessThan(500);
      }
    }
    assertThat(output).doesNotContain("Exception");
  }

  @Test
  void soAreMoreParametersThanAnybodyReads(CapturedOutput output) throws IOException {
    var answer = send("GET /avatars/x?" + "a=b&".repeat(1_500) + "sig=x", "\r\n");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(output).doesNotContain("failed unexpectedly");
  }

  @ParameterizedTest
  @ValueSource(strings = {"*/*", "application/*", "*/*; charset=utf-8"})
  void aTypeThatNamesNoneIsRefused(String type) {
    for (var path : List.of("/profile-pics", "/webhooks/waha", "/nowhere")) {
      assertThat(http.post(path, "{}", "Content-Type", type).status()).isEqualTo(415);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/profile-pics", "/webhooks/waha", "/webhooks/auto"})
  void chunksThatBreakOffAreRefused(String path, CapturedOutput output) throws IOException {
    var answer = send("POST " + path, "Transfer-Encoding: chunked\r\n\r\n2\r\n{\"\r\nzz\r\n");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(output).doesNotContain("failed unexpectedly");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/profile-pics", "/webhooks/waha", "/webhooks/auto"})
  void soIsABodyThatIsCut(String path, CapturedOutput output) throws IOException {
    var answer = send("POST " + path, "Content-Length: 100\r\n\r\n{\"lead_id\": \"");

    // A caller that hung up gets no response.
    assertThat(answer.status()).isIn(0, 400);
    assertThat(output).doesNotContain("failed unexpectedly");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/webhooks/waha", "/webhooks/auto"})
  void chunksThatBreakOffBeforeTheSenderIsKnownAreRefused(String path) throws IOException {
    var request =
        "POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".formatted(path);

    assertThat(exchange(request).status()).isEqualTo(400);
  }

  private RawClient.Answer send(String line, String rest) throws IOException {
    return exchange(
        line
            + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            + KEY
            + "\r\nContent-Type: application/json\r\n"
            + rest);
  }

  private RawClient.Answer exchange(String request) throws IOException {
    try (var client = new RawClient(http.port(), Duration.ofSeconds(20))) {
      return client.exchange(
          new HostileRequest(request.getBytes(StandardCharsets.ISO_8859_1), false));
    }
  }
}
