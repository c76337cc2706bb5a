package dev.profilepic.worker.exchanges;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.profilepic.worker.LoopbackServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.http.client.HttpClientSettings;

/** Bodies that are read at once share one budget, over real HTTP. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BodyBudgetTest {

  private static final int KB = 1024;
  private static final int LARGE = 512 * KB;
  private static final int MANY = 32;
  private static final Duration LONG = Duration.ofSeconds(50);

  private final CountDownLatch rest = new CountDownLatch(1);
  private final BodyBudget memory = new BodyBudget(4L * LARGE);

  /** Sends half of a large body, and the other half when the test says so. */
  private final LoopbackServer server =
      new LoopbackServer(exchange -> {
        try (exchange) {
          switch (exchange.getRequestURI().getPath()) {
            case "/large" -> {
              exchange.sendResponseHeaders(200, LARGE);
              exchange.getResponseBody().write(new byte[LARGE / 2]);
              exchange.getResponseBody().flush();
              pause();
              exchange.getResponseBody().write(new byte[LARGE / 2]);
            }
            case "/declared" -> {
              exchange.sendResponseHeaders(200, LARGE);
              exchange.getResponseBody().write(1);
              exchange.getResponseBody().flush();
              pause();
            }
            default -> {
              exchange.sendResponseHeaders(200, 2);
              exchange.getResponseBody().write(new byte[] {'{', '}'});
            }
          }
        }
      });

  @AfterEach
  void stop() {
    rest.countDown();
    server.close();
  }

  @Test
  void manyLargeBodiesAtOnceTakeNoMoreThanTheBudgetAndAllArrive() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var bodies = new ArrayList<Future<byte[]>>();
      for (int i = 0; i < MANY; i++) {
        bodies.add(threads.submit(() -> read("/large", LONG)));
      }
      await().atMost(LONG).until(() -> memory.taken() == 4L * LARGE);
      rest.countDown();

      for (var body : bodies) {
        assertThat(body.get()).hasSize(LARGE);
      }
    }
    assertThat(memory.taken()).isZero();
  }

  @Test
  void aDeclaredLengthTakesNoMemory() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < MANY; i++) {
        threads.submit(() -> read("/declared", LONG));
      }

      assertThat(read("/large-enough", LONG)).hasSize(2);
      assertThat(memory.taken()).isZero();
      rest.countDown();
    }
  }

  @Test
  void whileTheBudgetIsUsedUpSmallAnswersArriveAndLargeOnesGiveUpAtTheirDeadline()
      throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < MANY; i++) {
        threads.submit(() -> read("/large", LONG));
      }
      await().atMost(LONG).until(() -> memory.taken() == 4L * LARGE);

      assertThat(read("/small", LONG)).hasSize(2);
      assertThatThrownBy(() -> read("/large", Duration.ofMillis(300)))
          .isInstanceOf(IOException.class);
      rest.countDown();
    }
    assertThat(memory.taken()).isZero();
  }

  private byte[] read(String path, Duration longest) throws IOException {
    var client = HttpClients.create(HttpClientSettings.defaults(), LONG, LONG);
    var http = TestHttp.with(client, client, memory, LARGE);
    return http.exchange(new HttpGet(server.url() + path), false, Deadline.in(longest)).body();
  }

  private void pause() {
    try {
      rest.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
