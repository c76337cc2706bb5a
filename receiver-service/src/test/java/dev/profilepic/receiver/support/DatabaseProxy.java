package dev.profilepic.receiver.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Stands between a receiver and its database, and can stop forwarding without closing anything. To
 * the receiver, the database then accepts connections but never answers, as with a stopped process
 * or a half-open connection.
 */
public final class DatabaseProxy implements AutoCloseable {

  private final URI database;
  private final ServerSocket server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean questionsFlow = true;
  private boolean answersFlow = true;
  private int generation;
  private int firstAlive;

  /**
   * @param jdbcUrl of the database, with an explicit port
   */
  public DatabaseProxy(String jdbcUrl) {
    this.database = URI.create(jdbcUrl.substring("jdbc:".length()));
    try {
      this.server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** Returns the url of the same database through this proxy. */
  public String jdbcUrl() {
    return "jdbc:"
        + database
            .toString()
            .replace(
                database.getHost() + ":" + database.getPort(),
                "127.0.0.1:" + server.getLocalPort());
  }

  /** Forwards nothing from now on, but still accepts connections. */
  public void hang() {
    set(() -> {
      questionsFlow = false;
      answersFlow = false;
    });
  }

  /** Forwards queries to the database, but holds back its responses. */
  public void loseAnswers() {
    set(() -> answersFlow = false);
  }

  /** Forwards again, beginning with the data that was held back. */
  public void resume() {
    set(() -> {
      questionsFlow = true;
      answersFlow = true;
    });
  }

  /** Forwards new connections. Existing connections stay silent permanently. */
  public void resumeForNewConnections() {
    set(() -> {
      firstAlive = ++generation;
      questionsFlow = true;
      answersFlow = true;
    });
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (var socket : sockets) {
      socket.close();
    }
  }

  private void set(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        var client = server.accept();
        sockets.add(client);
        Thread.ofVirtual().start(() -> connect(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void connect(Socket client) {
    int born = generation();
    try {
      var upstream = new Socket(database.getHost(), database.getPort());
      sockets.add(upstream);
      Thread.ofVirtual().start(() -> pump(client, upstream, true, born));
      pump(upstream, client, false, born);
    } catch (IOException refused) {
      closeBoth(client, client);
    }
  }

  private void pump(Socket from, Socket to, boolean questions, int born) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      var buffer = new byte[16_384];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        awaitFlow(questions, born);
        out.write(buffer, 0, read);
        out.flush();
      }
    } catch (IOException gone) {
      // The close below informs the other side.
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      closeBoth(from, to);
    }
  }

  private void awaitFlow(boolean questions, int born) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (born < firstAlive || !(questions ? questionsFlow : answersFlow)) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private int generation() {
    lock.lock();
    try {
      return generation;
    } finally {
      lock.unlock();
    }
  }

  private void closeBoth(Socket one, Socket other) {
    for (var socket : new Socket[] {one, other}) {
      try {
        socket.close();
      } catch (IOException closed) {
        continue;
      }
      sockets.remove(socket);
    }
  }
}
