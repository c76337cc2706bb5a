package dev.profilepic.faults;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Bytes on their way through the proxy. */
final class Chunk {

  private final byte[] bytes = new byte[64 * 1024];
  private int length;

  /** Waits for bytes, and returns false at the end of the stream. */
  boolean readFrom(Socket socket) throws IOException {
    length = socket.getInputStream().read(bytes);
    return length >= 0;
  }

  void writeTo(Socket socket) throws IOException {
    socket.getOutputStream().write(bytes, 0, length);
  }

  /** Returns whether the chunk contains the text. A text that straddles two chunks is not found. */
  boolean contains(String text) {
    return new String(bytes, 0, length, StandardCharsets.ISO_8859_1).contains(text);
  }
}
