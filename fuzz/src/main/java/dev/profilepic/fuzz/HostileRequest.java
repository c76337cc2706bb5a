package dev.profilepic.fuzz;

import java.nio.charset.StandardCharsets;

/**
 * A request, byte by byte.
 *
 * @param bytes head and body as they are sent
 * @param framed whether the server can tell the end of the request; otherwise the connection is not
 *     kept
 */
public record HostileRequest(byte[] bytes, boolean framed) {

  private static final int SHOWN = 4_000;

  /** Returns the request as text for people, cut where it gets long. */
  @Override
  public String toString() {
    var text = new String(bytes, StandardCharsets.ISO_8859_1);
    return text.length() <= SHOWN
        ? text
        : text.substring(0, SHOWN) + "… (" + bytes.length + " bytes)";
  }
}
