package dev.profilepic.contract;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * A text as one segment of a url's path (RFC 3986). A slash in the text does not separate segments,
 * and a plus stays a plus.
 */
public final class PathSegment {

  private PathSegment() {}

  /** Encodes a text of any characters. */
  public static String of(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
