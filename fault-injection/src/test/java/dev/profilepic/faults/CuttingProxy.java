package dev.profilepic.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A TCP proxy in front of PostgreSQL that fails as networks do. The proxy recognises statements by
 * their text, so clients must send the text each time ({@code prepareThreshold=0}, no TLS).
 */
final class CuttingProxy implements AutoCloseable {

  private final InetSocketAddress target;
  private final ServerSocket listening;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final Set<String> held = ConcurrentHashMap.newKeySet();
  private final Map<String, AtomicInteger> loseAnswersTo = new ConcurrentHashMap<>();
  private final AtomicInteger heldStatements = new AtomicInteger();
  private final AtomicInteger lostAnswers = new AtomicInteger();
  private volatile boolean halfOpen;

  private CuttingProxy(InetSocketAddress target, ServerSocket listening) {
    this.target = target;
    this.listening = listening;
  }

  /** Starts a proxy in front of a server, on a free port. */
  static CuttingProxy open(String host, int port) {
    try {
      var listening = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
      var proxy = new CuttingProxy(new InetSocketAddress(host, port), listening);
      Thread.ofVirtual().name("proxy").start(proxy::accept);
      return proxy;
    } catch (IOException noPort) {
      throw new UncheckedIOException(noPort);
    }
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Closes every connection at once, on both sides. New connections work. */
  void cutAll() {
    links.forEach(Link::cut);
  }

  /**
   * Stops all traffic in both directions, also on new connections, without notice to either side. A
   * firewall that lost its table does the same.
   */
  void goHalfOpen() {
    halfOpen = true;
    links.forEach(Link::goSilent);
  }

  /** Lets new connections work again. Connections that were open stay silent. */
  void heal() {
    halfOpen = false;
  }

  /** Keeps statements with this text from reaching the server, and their connections busy. */
  void hold(String statement) {
    held.add(statement);
  }

  /** Lets statements with this text pass again, and cuts the connections that are already held. */
  void release(String statement) {
    held.remove(statement);
    links.stream().filter(Link::isHeld).forEach(Link::cut);
  }

  /** Returns the number of statements held so far. */
  int heldStatements() {
    return heldStatements.get();
  }

  /**
   * Lets the next statements with this text do their work on the server, COMMIT included, and cuts
   * the connection when the answer comes.
   */
  void loseAnswersTo(String statement, int times) {
    loseAnswersTo.put(statement, new AtomicInteger(times));
  }

  /** Returns the number of answers lost so far. */
  int lostAnswers() {
    return lostAnswers.get();
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException gone) {
      // The proxy no longer needs the socket.
    }
    cutAll();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        var client = listening.accept();
        Thread.ofVirtual().start(() -> open(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void open(Socket client) {
    var server = new Socket();
    try {
      server.connect(target);
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
    } catch (IOException serverAway) {
      close(client);
      return;
    }
    var link = new Link(client, server);
    links.add(link);
    if (halfOpen) {
      link.goSilent();
    }
    Thread.ofVirtual().start(link::carryRequests);
    Thread.ofVirtual().start(link::carryAnswers);
  }

  private boolean isHeld(Chunk chunk) {
    return held.stream().anyMatch(chunk::contains);
  }

  private boolean losesAnswer(Chunk chunk) {
    return loseAnswersTo.entrySet().stream()
        .anyMatch(lose ->
            chunk.contains(lose.getKey())
                && lose.getValue().getAndUpdate(left -> Math.max(0, left - 1)) > 0);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException gone) {
      // The socket is of no further use.
    }
  }

  /** One client's connection, and the matching connection to the server. */
  private final class Link {

    private final Socket client;
    private final Socket server;
    private volatile boolean silent;
    private volatile boolean holding;
    private volatile boolean loseNextAnswer;

    private Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void goSilent() {
      silent = true;
    }

    boolean isHeld() {
      return holding;
    }

    void cut() {
      links.remove(this);
      close(client);
      close(server);
    }

    void carryRequests() {
      var chunk = new Chunk();
      try {
        while (chunk.readFrom(client)) {
          if (CuttingProxy.this.isHeld(chunk)) {
            holding = true;
            silent = true;
            heldStatements.incrementAndGet();
          }
          if (!silent) {
            loseNextAnswer |= losesAnswer(chunk);
            chunk.writeTo(server);
          }
        }
      } catch (IOException broken) {
        // Both sides are cut below.
      }
      cut();
    }

    void carryAnswers() {
      var chunk = new Chunk();
      try {
        while (chunk.readFrom(server)) {
          if (loseNextAnswer) {
            // The server sends an answer with ReadyForQuery, after the statement's transaction has
            // ended.
            lostAnswers.incrementAndGet();
            break;
          }
          if (!silent) {
            chunk.writeTo(client);
          }
        }
      } catch (IOException broken) {
        // Both sides are cut below.
      }
      cut();
    }
  }
}
