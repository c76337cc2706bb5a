package dev.profilepic.receiver.avatars;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A client that requests a photo and reads the response slowly. */
final class PhotoReader implements AutoCloseable {

  private final Socket socket = new Socket();
  private final InputStream in;

  PhotoReader(int port, String path) throws IOException {
    // A small buffer keeps unread data at the receiver.
    socket.setReceiveBufferSize(4 * 1024);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout(60_000);
    socket
        .getOutputStream()
        .write(
            ("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    in = socket.getInputStream();
  }

  /** Reads the status code and nothing after it. */
  int status() throws IOException {
    return Integer.parseInt(
        new String(in.readNBytes("HTTP/1.1 200".length()), StandardCharsets.US_ASCII)
            .substring("HTTP/1.1 ".length()));
  }

  /**
   * Reads {@code most} bytes, or fewer if the receiver closes the connection.
   *
   * @return the number of bytes read, 0 after a reset
   */
  int read(int most) throws IOException {
    try {
      return in.readNBytes(most).length;
    } catch (SocketException reset) {
      return 0;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
