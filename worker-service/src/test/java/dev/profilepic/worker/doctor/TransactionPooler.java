package dev.profilepic.worker.doctor;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.Semaphore;

/**
 * A pooler like PgBouncer in transaction mode, with a pool of one. All clients share one
 * connection, and each client has it for the length of a transaction (PostgreSQL's protocol 3.0).
 */
final class TransactionPooler implements AutoCloseable {

  private static final int SSL_REQUEST = 80877103;
  private static final int GSS_REQUEST = 80877104;

  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Semaphore turn = new Semaphore(1);
  private final URI database;
  private final Socket server = new Socket();
  private byte[] greeting = {};

  /**
   * @param jdbcUrl the url of a server that lets its user in without a password
   */
  TransactionPooler(String jdbcUrl) throws IOException {
    database = URI.create(jdbcUrl.substring("jdbc:".length()));
    Thread.ofVirtual().start(this::accept);
  }

  String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:"
        + socket.getLocalPort()
        + database.getPath()
        + "?"
        + database.getQuery();
  }

  private void accept() {
    try {
      while (true) {
        var client = socket.accept();
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void serve(Socket client) {
    boolean mine = false;
    try (client) {
      var in = new DataInputStream(client.getInputStream());
      var out = client.getOutputStream();
      greet(startup(in, out), out);
      while (true) {
        int type = in.readUnsignedByte();
        var body = in.readNBytes(in.readInt() - 4);
        if (type == 'X') {
          return;
        }
        if (!mine) {
          turn.acquireUninterruptibly();
          mine = true;
        }
        send(server.getOutputStream(), type, body);
        if (type == 'Q' || type == 'S') {
          boolean idle = passUntilReady(out) == 'I';
          if (idle) {
            turn.release();
            mine = false;
          }
        }
      }
    } catch (IOException gone) {
      // The client has left.
    } finally {
      if (mine) {
        turn.release();
      }
    }
  }

  /**
   * Declines the client's requests for encryption, and returns the client's first other message.
   */
  private static byte[] startup(DataInputStream in, OutputStream out) throws IOException {
    while (true) {
      var body = in.readNBytes(in.readInt() - 4);
      int code =
          (body[0] & 255) << 24 | (body[1] & 255) << 16 | (body[2] & 255) << 8 | body[3] & 255;
      if (code != SSL_REQUEST && code != GSS_REQUEST) {
        return body;
      }
      out.write('N');
      out.flush();
    }
  }

  /** Logs in once. Every later client gets the greeting that the first client got. */
  private synchronized void greet(byte[] startup, OutputStream out) throws IOException {
    if (greeting.length == 0) {
      server.connect(new InetSocketAddress(database.getHost(), database.getPort()));
      var length = startup.length + 4;
      server
          .getOutputStream()
          .write(
              new byte[] {
                (byte) (length >> 24), (byte) (length >> 16), (byte) (length >> 8), (byte) length
              });
      server.getOutputStream().write(startup);
      server.getOutputStream().flush();
      var said = new ByteArrayOutputStream();
      passUntilReady(said);
      greeting = said.toByteArray();
    }
    out.write(greeting);
    out.flush();
  }

  /**
   * @return the transaction's state, where I stands for no transaction
   */
  private int passUntilReady(OutputStream out) throws IOException {
    var in = new DataInputStream(server.getInputStream());
    while (true) {
      int type = in.readUnsignedByte();
      int length = in.readInt() - 4;
      var body = in.readNBytes(length);
      if (body.length < length) {
        throw new EOFException();
      }
      send(out, type, body);
      if (type == 'Z') {
        return body[0];
      }
    }
  }

  private static void send(OutputStream out, int type, byte[] body) throws IOException {
    int length = body.length + 4;
    out.write(type);
    out.write(
        new byte[] {
          (byte) (length >> 24), (byte) (length >> 16), (byte) (length >> 8), (byte) length
        });
    out.write(body);
    out.flush();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    server.close();
  }
}
