package dev.profilepic.worker.download;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A JPEG file: segments and scans between two markers (ITU T.81, annex B). */
final class JpegFile {

  private static final int START_OF_IMAGE = 0xD8;
  private static final int END_OF_IMAGE = 0xD9;
  private static final int START_OF_SCAN = 0xDA;
  private static final int APP0 = 0xE0;
  private static final int APP14 = 0xEE;
  private static final int TEMPORARY = 0x01;

  private final byte[] bytes;
  private final ByteArrayOutputStream kept;
  private int at;
  private int frames;
  private int scans;

  private JpegFile(byte[] bytes) {
    this.bytes = bytes;
    this.kept = new ByteArrayOutputStream(bytes.length);
  }

  /**
   * Keeps the parts that show the picture; empty when there is no end marker, no scan, or a segment
   * that reaches beyond the end.
   */
  static Optional<byte[]> keep(byte[] bytes) {
    var file = new JpegFile(bytes);
    return file.isWhole() ? Optional.of(file.kept.toByteArray()) : Optional.empty();
  }

  /** Walks the file; each turn ends behind at least one more marker. */
  private boolean isWhole() {
    if (marker() != START_OF_IMAGE) {
      return false;
    }
    put(START_OF_IMAGE);
    while (true) {
      int marker = marker();
      if (marker == END_OF_IMAGE) {
        put(END_OF_IMAGE);
        return scans > 0;
      }
      if (marker == TEMPORARY) {
        continue;
      }
      if (marker < 0xC0 || isRestart(marker) || marker == START_OF_IMAGE || !segment(marker)) {
        return false;
      }
      if (marker == START_OF_SCAN) {
        scans++;
        scan();
      } else if (ImageHeader.isFrameHeader(marker) && ++frames > 1) {
        // Which of the two sizes would a decoder believe?
        return false;
      }
    }
  }

  /** Returns the marker here, past any fill bytes; -1 when there is no marker. */
  private int marker() {
    if (at >= bytes.length || byteAt(at) != 0xFF) {
      return -1;
    }
    while (at < bytes.length && byteAt(at) == 0xFF) {
      at++;
    }
    return at < bytes.length ? byteAt(at++) : -1;
  }

  /** Takes or drops the segment behind a marker; false when it is cut off. */
  private boolean segment(int marker) {
    if (at + 2 > bytes.length) {
      return false;
    }
    int length = byteAt(at) << 8 | byteAt(at + 1);
    if (length < 2 || at + length > bytes.length) {
      return false;
    }
    if (shows(marker, length)) {
      put(marker);
      kept.write(bytes, at, length);
    }
    at += length;
    return true;
  }

  /** Returns whether a segment is needed to show the picture. */
  private boolean shows(int marker, int length) {
    if (marker == APP0) {
      // The other kind, JFXX, is a thumbnail.
      return length >= 7
          && new String(bytes, at + 2, 5, StandardCharsets.ISO_8859_1).equals("JFIF\0");
    }
    // APP14 says how Adobe's colours are to be read.
    return marker == APP14 || marker < APP0;
  }

  /** Takes the data of a scan, up to the marker that ends it or the end of the file. */
  private void scan() {
    int start = at;
    while (at < bytes.length) {
      if (byteAt(at) != 0xFF) {
        at++;
        continue;
      }
      int next = at + 1;
      while (next < bytes.length && byteAt(next) == 0xFF) {
        next++;
      }
      if (next < bytes.length && byteAt(next) != 0 && !isRestart(byteAt(next))) {
        break;
      }
      at = Math.min(next + 1, bytes.length);
    }
    kept.write(bytes, start, at - start);
  }

  private void put(int marker) {
    kept.write(0xFF);
    kept.write(marker);
  }

  private int byteAt(int index) {
    return bytes[index] & 0xFF;
  }

  private static boolean isRestart(int marker) {
    return marker >= 0xD0 && marker <= 0xD7;
  }
}
