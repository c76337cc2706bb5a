package dev.profilepic.worker.exchanges;

import dev.profilepic.contract.BoundedBody;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.springframework.stereotype.Component;

/**
 * The memory for all bodies that are being read at once. Each body is bounded, but hundreds of
 * exchanges may run at the same time, and one tenant's server must not end the worker of all.
 *
 * <p>The budget is taken while bytes arrive, because a declared length is no byte yet. When it is
 * used up, one body at a time is read to its end on top of it: otherwise bodies that are half read
 * would wait for each other.
 */
@Component
public final class BodyBudget {

  /** The first bytes of a body are free, so that ordinary answers never wait for large ones. */
  private static final int CHUNK = 16 * 1024;

  /** A body exists twice for a moment, when its parts are put together. */
  private static final int PART_OF_HEAP = 4;

  private final Semaphore chunks;
  private final Semaphore beyond = new Semaphore(1, true);
  private final int most;

  public BodyBudget() {
    this(Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
  }

  /**
   * @param bytes for all bodies together
   */
  public BodyBudget(long bytes) {
    this.most = Math.clamp(bytes / CHUNK, 1, Integer.MAX_VALUE);
    this.chunks = new Semaphore(most);
  }

  /** A body was not read because the memory for bodies was used up until the deadline. */
  static final class NoMemoryException extends IOException {
    NoMemoryException() {
      super("the memory for answers was used up");
    }
  }

  /**
   * Reads a body to its end, or up to a limit. Waits for memory until the deadline.
   *
   * @param declared the length of the body as declared by the sender; negative when unknown
   * @param limit the most bytes that the body may have
   * @return the bytes that came; more than {@code limit}, by one, when the body is larger
   * @throws NoMemoryException when there was no memory until the deadline
   */
  public byte[] read(InputStream body, long declared, int limit, Deadline deadline)
      throws IOException {
    try (var share = new Share(body, deadline)) {
      return BoundedBody.read(share, declared, limit + 1);
    }
  }

  /**
   * Reads the body of an answer to its end, which gives the connection back. After a failure the
   * caller must abort the request: closing would read an endless body.
   *
   * @return no bytes for an answer without a body
   * @throws IOException when the body is larger than {@code largest} bytes, or cannot be read
   */
  public byte[] answer(ClassicHttpResponse response, int largest, Deadline deadline)
      throws IOException {
    var entity = response.getEntity();
    if (entity == null) {
      return new byte[0];
    }
    var in = entity.getContent();
    var bytes = read(in, entity.getContentLength(), largest, deadline);
    if (bytes.length > largest) {
      throw new IOException("an answer larger than " + largest + " bytes");
    }
    in.close();
    return bytes;
  }

  /** Returns the bytes of the budget that are taken now. */
  long taken() {
    return (long) (most - chunks.availablePermits()) * CHUNK;
  }

  /** The part of the budget that one body has taken. Closing gives it back, and closes no body. */
  private final class Share extends InputStream {

    private final InputStream body;
    private final Deadline deadline;
    private long paidFor = CHUNK;
    private long read;
    private int taken;
    private boolean isBeyond;

    Share(InputStream body, Deadline deadline) {
      this.body = body;
      this.deadline = deadline;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      if (read >= paidFor) {
        pay();
      }
      int came = body.read(into, from, (int) Math.min(length, paidFor - read));
      read += Math.max(0, came);
      return came;
    }

    private void pay() throws IOException {
      if (chunks.tryAcquire()) {
        taken++;
      } else if (!isBeyond) {
        awaitTurn();
        isBeyond = true;
      }
      paidFor += CHUNK;
    }

    private void awaitTurn() throws IOException {
      try {
        if (!beyond.tryAcquire(deadline.left().toNanos(), TimeUnit.NANOSECONDS)) {
          throw new NoMemoryException();
        }
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException();
      }
    }

    @Override
    public void close() {
      chunks.release(taken);
      if (isBeyond) {
        beyond.release();
      }
    }
  }
}
