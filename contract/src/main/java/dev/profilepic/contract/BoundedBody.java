package dev.profilepic.contract;

import java.io.IOException;
import java.io.InputStream;

/**
 * Reads the body of a call or an answer into an array. A stream that is asked for many bytes
 * allocates 16 KiB at first, however few bytes come, and for an event of 100 bytes this costs more
 * than all its other objects. So the declared length is used where it is short.
 */
public final class BoundedBody {

  /** A longer length is not believed: whoever declares it would have that much memory for free. */
  private static final int BELIEVED = 16 * 1024;

  private BoundedBody() {}

  /**
   * Reads a body to its end, or up to a limit.
   *
   * @param declared the length of the body as declared by the sender; negative when unknown
   * @param most the most bytes to read
   * @return the bytes that came, as many as {@code most} at the most
   */
  public static byte[] read(InputStream body, long declared, int most) throws IOException {
    boolean isShort = declared >= 0 && declared <= Math.min(BELIEVED, most);
    return body.readNBytes(isShort ? (int) declared : most);
  }
}
