package dev.profilepic.receiver.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One field of a form, as a stream. The other fields are skipped without being held in memory,
 * except the short field in front of it that names the instance.
 */
final class FormField {

  private static final String INSTANCE = "instanceName";
  private static final int LONGEST_NAME = 200;
  private static final int LONGEST_HEADER = 4_096;

  private final InputStream stream;
  private final @Nullable String instance;

  private FormField(InputStream stream, @Nullable String instance) {
    this.stream = stream;
    this.instance = instance;
  }

  static FormField whole(InputStream body) {
    return new FormField(body, null);
  }

  InputStream stream() {
    return stream;
  }

  /**
   * Returns the value of the field {@code instanceName}, where that field comes before this field.
   */
  @Nullable String instance() {
    return instance;
  }

  /**
   * Finds a field of {@code application/x-www-form-urlencoded}.
   *
   * @return the whole body when it is JSON with a form's label, as {@code curl -d} sends it; empty
   *     when there is no such field
   */
  static FormField ofUrlEncoded(InputStream body, String field) throws IOException {
    var input = new PushbackInputStream(new BufferedInputStream(body), 1);
    int first = input.read();
    while (first == ' ' || first == '\r' || first == '\n' || first == '\t') {
      first = input.read();
    }
    if (first < 0) {
      return nothing();
    }
    input.unread(first);
    if (first == '{' || first == '[' || first == '"') {
      return whole(input);
    }
    @Nullable String instance = null;
    while (true) {
      var name = new StringBuilder();
      int c = input.read();
      while (c >= 0 && c != '=' && c != '&') {
        if (name.length() < LONGEST_NAME) {
          name.append((char) c);
        }
        c = input.read();
      }
      if (c == '=' && name.toString().equals(field)) {
        return new FormField(new Decoded(input), instance);
      }
      if (c == '=') {
        var value = new Decoded(input);
        if (name.toString().equals(INSTANCE)) {
          instance = text(value);
        }
        value.transferTo(OutputStream.nullOutputStream());
        c = value.end();
      }
      if (c < 0) {
        return nothing();
      }
    }
  }

  /**
   * Finds a field of {@code multipart/form-data}.
   *
   * @param lowerCased the content type, which contains the boundary
   */
  static FormField ofMultipart(
      InputStream body, String lowerCased, String contentType, String field) throws IOException {
    int at = lowerCased.indexOf("boundary=");
    var boundary = at < 0 ? "" : contentType.strip().substring(at + 9).split(";", 2)[0].strip();
    boundary = boundary.replace("\"", "");
    if (boundary.isEmpty() || boundary.length() > 70) {
      return nothing();
    }
    // The input gets a line break in front. Then every part, even the first, begins behind a line
    // break and the boundary.
    var delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
    var input =
        new SequenceInputStream(
            new ByteArrayInputStream(new byte[] {'\r', '\n'}), new BufferedInputStream(body));
    @Nullable String instance = null;
    var header = "";
    while (true) {
      var part = new Part(input, delimiter);
      if (names(header, INSTANCE)) {
        instance = text(part);
      }
      part.transferTo(OutputStream.nullOutputStream());
      header = header(input);
      if (header.isEmpty() || header.startsWith("--")) {
        return nothing();
      }
      if (names(header, field)) {
        return new FormField(new Part(input, delimiter), instance);
      }
    }
  }

  private static FormField nothing() {
    return whole(InputStream.nullInputStream());
  }

  private static boolean names(String header, String field) {
    return header
        .toLowerCase(Locale.ROOT)
        .contains("name=\"" + field.toLowerCase(Locale.ROOT) + "\"");
  }

  private static String text(InputStream value) throws IOException {
    return new String(value.readNBytes(LONGEST_NAME), StandardCharsets.UTF_8);
  }

  /** Returns the text between a boundary and the empty line; empty at the end of the body. */
  private static String header(InputStream input) throws IOException {
    var header = new StringBuilder();
    int c = input.read();
    while (c >= 0 && header.length() < LONGEST_HEADER) {
      header.append((char) c);
      if (header.length() >= 4 && header.substring(header.length() - 4).equals("\r\n\r\n")) {
        return header.toString();
      }
      if (header.toString().equals("--")) {
        return "--";
      }
      c = input.read();
    }
    return "";
  }

  /** Reads byte by byte; unlike {@link InputStream}'s own loop it hides no failure. */
  private abstract static class ByteByByte extends InputStream {

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int count = 0;
      while (count < length) {
        int c = read();
        if (c < 0) {
          return count == 0 ? -1 : count;
        }
        target[offset + count++] = (byte) c;
      }
      return count;
    }
  }

  /** Reads up to {@code &}, and decodes {@code +} and {@code %41}. */
  private static final class Decoded extends ByteByByte {
    private final InputStream source;
    private boolean ended;
    private int end;

    Decoded(InputStream source) {
      this.source = source;
    }

    /** Returns the character that ended the value: {@code &}, or less than zero. */
    int end() {
      return end;
    }

    @Override
    public int read() throws IOException {
      int c = ended ? -1 : source.read();
      if (c < 0 || c == '&') {
        end = ended ? end : c;
        ended = true;
        return -1;
      }
      if (c == '+') {
        return ' ';
      }
      return c == '%'
          ? Character.digit(source.read(), 16) << 4 | Character.digit(source.read(), 16) & 0xf
          : c;
    }
  }

  /** Reads up to the delimiter, and consumes the delimiter. */
  private static final class Part extends ByteByByte {
    private static final int NOTHING = -2;

    private final InputStream source;
    private final byte[] delimiter;
    private int owed;
    private int paid;
    private int carried = NOTHING;
    private boolean ended;

    Part(InputStream source, byte[] delimiter) {
      this.source = source;
      this.delimiter = delimiter;
    }

    @Override
    public int read() throws IOException {
      if (paid < owed) {
        return delimiter[paid++];
      }
      if (ended) {
        return -1;
      }
      int c = carried == NOTHING ? source.read() : carried;
      carried = NOTHING;
      int matched = 0;
      while (c >= 0 && (byte) c == delimiter[matched]) {
        if (++matched == delimiter.length) {
          ended = true;
          return -1;
        }
        c = source.read();
      }
      ended = c < 0;
      if (matched == 0) {
        return c;
      }
      // These bytes only began like the delimiter. The byte that differs may begin the real
      // delimiter.
      carried = ended ? NOTHING : c;
      owed = matched;
      paid = 1;
      return delimiter[0];
    }
  }
}
