package dev.profilepic.worker.download;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** A WebP file: a RIFF header and chunks of even length (RFC 9649, section 2). */
final class WebpFile {

  private static final int RIFF_HEADER = 12;
  private static final int CHUNK_HEADER = 8;

  /** Chunks that hold pixels. */
  private static final Set<String> PIXELS = Set.of("VP8 ", "VP8L", "ANMF");

  /** Chunks that say how the pixels are shown. */
  private static final Set<String> LOOKS = Set.of("VP8X", "ALPH", "ANIM");

  /** Flags of VP8X: a colour profile, EXIF and XMP are there. */
  private static final int WHAT_IS_DROPPED = 0x20 | 0x08 | 0x04;

  private WebpFile() {}

  /**
   * Keeps the parts that show the picture; empty when the file is shorter than it says, has no
   * pixels, or has a chunk that reaches beyond its end.
   */
  static Optional<byte[]> keep(byte[] bytes) {
    if (bytes.length < RIFF_HEADER) {
      return Optional.empty();
    }
    var data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long end = CHUNK_HEADER + Integer.toUnsignedLong(data.getInt(4));
    if (end > bytes.length || end < RIFF_HEADER) {
      return Optional.empty();
    }
    // The last chunk's padding byte may be missing in the downloaded file.
    var kept = ByteBuffer.allocate((int) end + 1).order(ByteOrder.LITTLE_ENDIAN);
    kept.put(bytes, 0, RIFF_HEADER);
    boolean pixels = false;
    int at = RIFF_HEADER;
    while (at < end) {
      if (end - at < CHUNK_HEADER) {
        return Optional.empty();
      }
      var type = new String(bytes, at, 4, StandardCharsets.ISO_8859_1);
      long length = Integer.toUnsignedLong(data.getInt(at + 4));
      if (length > end - at - CHUNK_HEADER) {
        return Optional.empty();
      }
      int whole = CHUNK_HEADER + (int) length;
      if (PIXELS.contains(type) || LOOKS.contains(type)) {
        int start = kept.position();
        kept.put(bytes, at, whole);
        if (length % 2 == 1) {
          kept.put((byte) 0);
        }
        if (type.equals("VP8X") && length > 0) {
          int flags = start + CHUNK_HEADER;
          kept.put(flags, (byte) (kept.get(flags) & ~WHAT_IS_DROPPED));
        }
        pixels |= PIXELS.contains(type) && length > 0;
      }
      at += whole + (int) (length % 2);
    }
    kept.putInt(4, kept.position() - CHUNK_HEADER);
    return pixels ? Optional.of(Arrays.copyOf(kept.array(), kept.position())) : Optional.empty();
  }
}
