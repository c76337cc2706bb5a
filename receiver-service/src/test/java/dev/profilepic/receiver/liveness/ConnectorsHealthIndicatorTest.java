package dev.profilepic.receiver.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;

class ConnectorsHealthIndicatorTest {

  private final AtomicBoolean memoryIsLeft = new AtomicBoolean(true);
  private final TomcatWebServer server = server();
  private final ConnectorsHealthIndicator connectors = new ConnectorsHealthIndicator();

  @BeforeEach
  void start() {
    server.start();
    connectors.watch(server);
    // The test runner would treat the death of a thread as the end of the tests.
    ConnectorThreads.of(server.getTomcat().getConnector())
        .forEach(thread -> thread.setUncaughtExceptionHandler((dead, why) -> {}));
  }

  @AfterEach
  void stop() {
    memoryIsLeft.set(true);
    server.stop();
    server.destroy();
  }

  @Test
  void itIsUpWhileTheServerServes() throws IOException {
    ask();

    assertThat(connectors.health().getStatus()).isEqualTo(Status.UP);
  }

  @Test
  void aPollerThatRanOutOfMemoryIsNoticed() throws IOException {
    memoryIsLeft.set(false);
    ask();

    Awaitility.await().until(() -> connectors.health().getStatus().equals(Status.DOWN));
    assertThat(connectors.health().getDetails().toString())
        .contains("-Poller")
        .doesNotContain("-Acceptor");
  }

  @Test
  void anAcceptorThatEndedIsNoticed() throws Exception {
    server.getTomcat().getConnector().stop();

    Awaitility.await()
        .until(() -> connectors.health().getDetails().toString().contains("-Acceptor"));
  }

  @Test
  void aServerThatStartsAgainIsUpAgain() throws Exception {
    var poller = ConnectorThreads.of(server.getTomcat().getConnector()).getLast().getName();
    var mayEnd = new CountDownLatch(1);
    var former =
        IntStream.range(0, 20)
            .mapToObj(i -> Thread.ofPlatform().name(poller).start(() -> waitFor(mayEnd)))
            .toList();
    server.stop();
    server.start();
    connectors.watch(server);

    mayEnd.countDown();
    for (var thread : former) {
      thread.join();
    }

    assertThat(connectors.health().getStatus()).isEqualTo(Status.UP);
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends a request, so the poller hands it to the executor. */
  private void ask() throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }
  }

  private TomcatWebServer server() {
    var workers = Executors.newVirtualThreadPerTaskExecutor();
    Executor executor =
        work -> {
          if (!memoryIsLeft.get()) {
            throw new OutOfMemoryError("as a test wants it");
          }
          workers.execute(work);
        };
    var factory = new TomcatServletWebServerFactory(0);
    factory.addProtocolHandlerCustomizers(handler -> handler.setExecutor(executor));
    return (TomcatWebServer) factory.getWebServer();
  }
}
