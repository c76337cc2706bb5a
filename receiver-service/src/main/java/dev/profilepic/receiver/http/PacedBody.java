package dev.profilepic.receiver.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The bytes of a body as they come, at no less than the slowest pace. The socket's timeout begins
 * anew with every byte, so without this limit a sender of single bytes could keep a call open for
 * days.
 */
final class PacedBody extends InputStream {

  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final long BYTES_PER_SECOND = 16 * 1024;

  private final HttpServletRequest request;
  private final InputStream body;
  private final InstantSource clock;
  private final Instant began;
  private long count;

  /**
   * Starts to measure.
   *
   * @param request whose body it is; after a failure its rest is left unread
   */
  PacedBody(HttpServletRequest request, InputStream body, InstantSource clock) {
    this.request = request;
    this.body = body;
    this.clock = clock;
    this.began = clock.instant();
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /**
   * @throws ProblemException 408 when no byte came in time, or the bytes until now took too long
   */
  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int read;
    try {
      read = body.read(target, offset, length);
    } catch (SocketTimeoutException silent) {
      throw late("The body stopped half-way. Send it again.");
    }
    count += Math.max(0, read);
    if (read >= 0
        && clock.instant().isAfter(began.plus(GRACE).plusSeconds(count / BYTES_PER_SECOND))) {
      throw late("The body comes too slowly. Send it again.");
    }
    return read;
  }

  private ProblemException late(String message) {
    CutConnectionValve.leaveRest(request);
    return new ProblemException(Problem.TIMEOUT, message);
  }
}
