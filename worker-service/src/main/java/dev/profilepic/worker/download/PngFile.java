package dev.profilepic.worker.download;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;

/** A PNG file: a signature and chunks, each with its length and checksum (ISO 15948, section 5). */
final class PngFile {

  private static final int SIGNATURE = 8;

  /** The bytes of a chunk's length, type and checksum. */
  private static final int AROUND_A_CHUNK = 12;

  private static final Set<String> CRITICAL = Set.of("IHDR", "PLTE", "IDAT", "IEND");

  /** Optional chunks that say how the pixels look. */
  private static final Set<String> LOOKS =
      Set.of("tRNS", "gAMA", "cHRM", "sRGB", "sBIT", "bKGD", "pHYs");

  private PngFile() {}

  /**
   * Keeps the parts that show the picture; empty when the end chunk or the pixel data is missing,
   * when a chunk reaches beyond the end or does not match its checksum, or when there is an unknown
   * chunk that every reader must know.
   */
  static Optional<byte[]> keep(byte[] bytes) {
    var data = ByteBuffer.wrap(bytes);
    var kept = new ByteArrayOutputStream(bytes.length);
    kept.write(bytes, 0, Math.min(SIGNATURE, bytes.length));
    boolean pixels = false;
    int at = SIGNATURE;
    while (bytes.length - at >= AROUND_A_CHUNK) {
      int length = data.getInt(at);
      if (length < 0 || length > bytes.length - at - AROUND_A_CHUNK) {
        return Optional.empty();
      }
      var type = new String(bytes, at + 4, 4, StandardCharsets.ISO_8859_1);
      int whole = length + AROUND_A_CHUNK;
      if (at == SIGNATURE != type.equals("IHDR")) {
        return Optional.empty();
      }
      if (CRITICAL.contains(type) || LOOKS.contains(type)) {
        if (!matches(bytes, at + 4, length + 4, data.getInt(at + 8 + length))) {
          return Optional.empty();
        }
        kept.write(bytes, at, whole);
      } else if (isCritical(type)) {
        return Optional.empty();
      }
      pixels |= type.equals("IDAT");
      if (type.equals("IEND")) {
        return pixels ? Optional.of(kept.toByteArray()) : Optional.empty();
      }
      at += whole;
    }
    return Optional.empty();
  }

  /** Returns whether a reader must know the chunk. A capital first letter says so. */
  private static boolean isCritical(String type) {
    return (type.charAt(0) & 0x20) == 0;
  }

  private static boolean matches(byte[] bytes, int from, int length, int checksum) {
    var crc = new CRC32();
    crc.update(bytes, from, length);
    return (int) crc.getValue() == checksum;
  }
}
