package dev.profilepic.worker.download;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The format and size that a picture's first bytes state. Nothing is decoded, so no decoder can be
 * attacked.
 *
 * @param format recognised by content, not by the server's name for it
 * @param width in pixels
 * @param height in pixels
 */
public record ImageHeader(Format format, int width, int height) {

  /** The formats that WhatsApp and browsers share. */
  public enum Format {
    JPEG("image/jpeg", "jpg"),
    PNG("image/png", "png"),
    WEBP("image/webp", "webp");

    private final String contentType;
    private final String extension;

    Format(String contentType, String extension) {
      this.contentType = contentType;
      this.extension = extension;
    }

    public String contentType() {
      return contentType;
    }

    public String extension() {
      return extension;
    }
  }

  private static final long PNG_SIGNATURE = 0x89504E470D0A1A0AL;

  /**
   * Reads the header; empty when the bytes are in another format, or end before they state their
   * size.
   */
  public static Optional<ImageHeader> read(byte[] bytes) {
    var data = ByteBuffer.wrap(bytes);
    try {
      if (bytes.length >= 4 && (data.getShort(0) & 0xFFFF) == 0xFFD8) {
        return jpeg(data);
      }
      if (bytes.length >= 24
          && data.getLong(0) == PNG_SIGNATURE
          && "IHDR".equals(text(bytes, 12))) {
        return sized(Format.PNG, data.getInt(16), data.getInt(20));
      }
      if (bytes.length >= 30 && "RIFF".equals(text(bytes, 0)) && "WEBP".equals(text(bytes, 8))) {
        return webp(bytes, data.order(ByteOrder.LITTLE_ENDIAN));
      }
      return Optional.empty();
    } catch (IndexOutOfBoundsException truncated) {
      return Optional.empty();
    }
  }

  /** Walks the segments up to the frame header (ITU T.81, B.2.2). */
  private static Optional<ImageHeader> jpeg(ByteBuffer data) {
    int at = 2;
    while (true) {
      if ((data.get(at) & 0xFF) != 0xFF) {
        return Optional.empty();
      }
      int marker = data.get(at + 1) & 0xFF;
      if (marker == 0xFF) {
        at++;
      } else if (isFrameHeader(marker)) {
        return sized(Format.JPEG, data.getShort(at + 7) & 0xFFFF, data.getShort(at + 5) & 0xFFFF);
      } else if (marker == 0xDA || marker == 0xD9) {
        return Optional.empty();
      } else {
        at += 2 + (data.getShort(at + 2) & 0xFFFF);
      }
    }
  }

  /** Returns whether a marker of a JPEG begins a frame, which states the picture's size. */
  static boolean isFrameHeader(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
  }

  /** Reads one of the three kinds of first chunk (RFC 9649, section 2). */
  private static Optional<ImageHeader> webp(byte[] bytes, ByteBuffer data) {
    return switch (text(bytes, 12)) {
      case "VP8 " -> sized(Format.WEBP, data.getShort(26) & 0x3FFF, data.getShort(28) & 0x3FFF);
      case "VP8L" -> {
        int packed = data.getInt(21);
        yield sized(Format.WEBP, (packed & 0x3FFF) + 1, ((packed >> 14) & 0x3FFF) + 1);
      }
      case "VP8X" ->
          sized(
              Format.WEBP,
              (data.getInt(24) & 0xFFFFFF) + 1,
              (data.getInt(26) >>> 8 & 0xFFFFFF) + 1);
      default -> Optional.empty();
    };
  }

  private static Optional<ImageHeader> sized(Format format, int width, int height) {
    return width > 0 && height > 0
        ? Optional.of(new ImageHeader(format, width, height))
        : Optional.empty();
  }

  private static String text(byte[] bytes, int at) {
    return new String(bytes, at, 4, StandardCharsets.US_ASCII);
  }
}
