package dev.profilepic.receiver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.receiver.http.WebhookBodies.Sender;
import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.DelegatingServletInputStream;
import org.springframework.mock.web.MockHttpServletRequest;

class WebhookBodiesTest {

  private static final int MEDIA = 31 * 1024 * 1024;

  private final WebhookBodies bodies = new WebhookBodies();

  @Test
  void mediaIsPassedByAndNeverPutTogether() {
    bodies.read(request(text("{\"event\": \"warm up\"}")), Sender.KNOWN, List.of());
    var request = withMedia();
    var seen = new AtomicLong();
    long before = allocated();

    var body =
        bodies.read(
            request, Sender.KNOWN, List.of((bytes, offset, length) -> seen.addAndGet(length)));

    assertThat(allocated() - before).isLessThan(512 * 1024);
    var json = Objects.requireNonNull(body.json());
    assertThat(json.at("/data/key/remoteJid").asString()).isEqualTo("5562@s.whatsapp.net");
    assertThat(json.at("/data/message/base64").asString("")).isIn("", "…");
    assertThat(seen).hasValueGreaterThan(MEDIA);
  }

  @Test
  void aSignatureIsOverWhatStandsBehindTheJsonToo() {
    var seen = new StringBuilder();

    bodies.read(
        request(text("{\"event\": 1} and more")),
        Sender.SIGNING,
        List.of((bytes, offset, length) ->
            seen.append(new String(bytes, offset, length, StandardCharsets.UTF_8))));

    assertThat(seen).hasToString("{\"event\": 1} and more");
  }

  @Test
  void aKeyInTheBodyIsFoundAndNotKept() {
    var body =
        bodies.read(
            request(text("{\"data\": {\"x\": 1}, \"webhookVerifyToken\": \"s3cr3t\"}")),
            Sender.UNKNOWN,
            List.of());

    assertThat(body.verifyToken()).isEqualTo("s3cr3t");
    assertThat(String.valueOf(body.json())).doesNotContain("s3cr3t");
    assertThat(body.toString()).doesNotContain("s3cr3t");
  }

  @Test
  void largeOnesNeedAPlaceUntilTheirRequestEnds() {
    var requests = java.util.stream.IntStream.range(0, 8).mapToObj(i -> large()).toList();
    requests.forEach(request -> bodies.read(request, Sender.KNOWN, List.of()));

    assertThatThrownBy(() -> bodies.read(large(), Sender.KNOWN, List.of()))
        .isInstanceOfSatisfying(
            ProblemException.class,
            problem -> assertThat(problem.problem()).isEqualTo(Problem.UNAVAILABLE));
    bodies.read(request(text("{\"event\": \"small\"}")), Sender.KNOWN, List.of());
    bodies.release(requests.getFirst());

    assertThat(bodies.read(large(), Sender.KNOWN, List.of()).json()).isNotNull();
  }

  private static MockHttpServletRequest large() {
    return request(text("{\"data\": [" + "{\"id\": \"1234567@lid\"},".repeat(3_000) + "1]}"));
  }

  private static MockHttpServletRequest withMedia() {
    var media =
        new InputStream() {
          private int left = MEDIA;

          @Override
          public int read() {
            return left-- > 0 ? 'A' : -1;
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            int count = Math.min(length, left);
            left -= count;
            java.util.Arrays.fill(target, offset, offset + count, (byte) 'A');
            return count == 0 ? -1 : count;
          }
        };
    return request(
        new SequenceInputStream(
            Collections.enumeration(
                List.of(
                    text(
                        "{\"event\": \"messages.upsert\", \"data\": {\"message\": {\"base64\": \""),
                    media,
                    text("\"}, \"key\": {\"remoteJid\": \"5562@s.whatsapp.net\"}}}")))));
  }

  private static MockHttpServletRequest request(InputStream body) {
    var request =
        new MockHttpServletRequest("POST", "/webhooks/auto") {
          @Override
          public ServletInputStream getInputStream() {
            return new DelegatingServletInputStream(body);
          }
        };
    request.setContentType("application/json");
    return request;
  }

  private static InputStream text(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
