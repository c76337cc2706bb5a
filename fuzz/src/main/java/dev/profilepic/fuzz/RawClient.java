package dev.profilepic.fuzz;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sends bytes to a server on loopback and reads the answer. Uses one connection, kept open as long
 * as both sides agree on the end of an answer. For one thread.
 */
public final class RawClient implements AutoCloseable {

  private static final int LONGEST_ANSWER = 8 << 20;
  private static final Pattern LENGTH = Pattern.compile("\r\ncontent-length: *(\\d+)");
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3})");

  private final int port;
  private final Duration patience;
  private @Nullable Connection connection;

  /**
   * @param patience the longest wait for the next byte of an answer; longer than every limit of the
   *     server
   */
  public RawClient(int port, Duration patience) {
    this.port = port;
    this.patience = patience;
  }

  /**
   * The answer of the server.
   *
   * @param status 0 when the server closed without an answer
   * @param text head and body; of every answer when several came
   */
  public record Answer(int status, String text) {}

  private record Connection(Socket socket, InputStream in) {}

  /**
   * @throws SocketTimeoutException when the server neither answered nor closed
   * @throws IOException when no server listens
   */
  public Answer exchange(HostileRequest request) throws IOException {
    if (!request.framed()) {
      close();
      return lastWords(request);
    }
    boolean fresh = connection == null;
    var answer = attempt(request);
    // A kept connection may have been closed while it was idle.
    return answer.status() == 0 && !fresh ? attempt(request) : answer;
  }

  private Answer attempt(HostileRequest request) throws IOException {
    var mine = connection == null ? connect() : connection;
    connection = mine;
    try {
      mine.socket().getOutputStream().write(request.bytes());
      return read(mine.in());
    } catch (SocketException reset) {
      close();
      return new Answer(0, "");
    } catch (SocketTimeoutException hangs) {
      close();
      throw hangs;
    }
  }

  /** Sends the request, ends the output, and reads until the server closes. */
  private Answer lastWords(HostileRequest request) throws IOException {
    var last = connect();
    var answer = new ByteArrayOutputStream();
    try (var socket = last.socket()) {
      socket.getOutputStream().write(request.bytes());
      socket.shutdownOutput();
      var buffer = new byte[8192];
      for (int n = last.in().read(buffer); n >= 0; n = last.in().read(buffer)) {
        answer.write(buffer, 0, n);
      }
    } catch (SocketException reset) {
      // The bytes that came before the reset count.
    }
    var text = answer.toString(StandardCharsets.ISO_8859_1);
    // The server may have found several requests and answered each: the worst answer counts.
    int worst = 0;
    for (var status = STATUS.matcher(text); status.find(); ) {
      worst = Math.max(worst, Integer.parseInt(status.group(1)));
    }
    return new Answer(worst, text);
  }

  private Connection connect() throws IOException {
    var socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) patience.toMillis());
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) patience.toMillis());
    return new Connection(socket, new BufferedInputStream(socket.getInputStream()));
  }

  private Answer read(InputStream in) throws IOException {
    var head = head(in);
    if (head.startsWith("HTTP/1.1 100")) {
      head = head(in);
    }
    if (head.isEmpty()) {
      close();
      return new Answer(0, "");
    }
    int status = Integer.parseInt(head.substring(9, 12));
    var fields = head.toLowerCase(Locale.ROOT);
    var body = body(in, status, fields);
    if (fields.contains("\r\nconnection: close")) {
      close();
    }
    return new Answer(status, head + body);
  }

  private static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    for (int octet = in.read(); octet >= 0; octet = in.read()) {
      head.append((char) octet);
      if (octet == '\n' && head.length() > 3 && head.lastIndexOf("\r\n\r\n") == head.length() - 4) {
        return head.toString();
      }
    }
    return "";
  }

  private String body(InputStream in, int status, String fields) throws IOException {
    var length = LENGTH.matcher(fields);
    if (status == 204 || status == 304) {
      return "";
    }
    if (length.find()) {
      return text(in.readNBytes(Integer.parseInt(length.group(1))));
    }
    if (!fields.contains("\r\ntransfer-encoding: chunked")) {
      // The answer ends with the connection, or has no body (an answer to HEAD), so the connection
      // is not kept.
      close();
      return "";
    }
    var body = new StringBuilder();
    for (int size = size(in); size > 0 && body.length() < LONGEST_ANSWER; size = size(in)) {
      body.append(text(in.readNBytes(size)));
      in.readNBytes(2);
    }
    in.readNBytes(2);
    return body.toString();
  }

  private static int size(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
      line.append((char) octet);
    }
    return line.isEmpty() ? 0 : Integer.parseInt(line.toString().trim(), 16);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    if (connection != null) {
      try {
        connection.socket().close();
      } catch (IOException gone) {
        // Nothing is left to close.
      }
      connection = null;
    }
  }
}
