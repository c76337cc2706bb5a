package dev.profilepic.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A server that is never silent for long and never finishes: it sends a piece every 50 ms. */
public final class TricklingServer implements AutoCloseable {

  /**
   * The part of the response that trickles: its first piece, and the piece that repeats endlessly.
   */
  public enum Kind {
    STATUS("H", "T"),
    HEADERS("HTTP/1.1 200 OK\r\n", "X-Filler: y\r\n"),
    BODY(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n{", " ");

    private final String first;
    private final String then;

    Kind(String first, String then) {
      this.first = first;
      this.then = then;
    }
  }

  private final ServerSocket server;
  private final Kind kind;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  public TricklingServer(Kind kind) {
    this.kind = kind;
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    Thread.ofVirtual().start(this::accept);
  }

  public String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        var socket = server.accept();
        open.add(socket);
        Thread.ofVirtual().start(() -> trickle(socket));
      }
    } catch (IOException closed) {
      stopped.countDown();
    }
  }

  private void trickle(Socket socket) {
    try (socket) {
      var out = socket.getOutputStream();
      out.write(kind.first.getBytes(StandardCharsets.US_ASCII));
      while (!stopped.await(50, TimeUnit.MILLISECONDS)) {
        out.write(kind.then.getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException hungUp) {
      // A caller hangs up when it has waited long enough.
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stopped.countDown();
    try {
      server.close();
      for (var socket : open) {
        socket.close();
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
