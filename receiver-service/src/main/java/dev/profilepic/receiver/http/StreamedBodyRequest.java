package dev.profilepic.receiver.http;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * A call whose body is read as it arrives, once, up to a limit, and is not stored: a webhook with
 * media is far larger than the part that we need.
 */
final class StreamedBodyRequest extends HttpServletRequestWrapper {

  private final long limit;
  private final InstantSource clock;
  private @Nullable ServletInputStream body;

  StreamedBodyRequest(HttpServletRequest request, long limit, InstantSource clock) {
    super(request);
    this.limit = limit;
    this.clock = clock;
  }

  /** Refuses a body whose declared length is too large, before reading any of it. */
  void refuseDeclaredLength() {
    if (getContentLengthLong() > limit) {
      throw tooLarge();
    }
  }

  @Override
  public ServletInputStream getInputStream() throws IOException {
    var opened = body;
    if (opened == null) {
      opened = new Bounded(getRequest().getInputStream());
      body = opened;
    }
    return opened;
  }

  @Override
  public BufferedReader getReader() throws IOException {
    return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
  }

  private ProblemException tooLarge() {
    return new ProblemException(
        Problem.TOO_LARGE, "At most " + limit / 1024 + " KiB are taken here.");
  }

  private final class Bounded extends ServletInputStream {
    private final ServletInputStream source;
    private final PacedBody arriving;
    private long count;

    Bounded(ServletInputStream source) {
      this.source = source;
      this.arriving = new PacedBody(StreamedBodyRequest.this, source, clock);
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int read = arriving.read(target, offset, length);
      count += Math.max(0, read);
      if (count > limit) {
        throw tooLarge();
      }
      return read;
    }

    @Override
    public boolean isFinished() {
      return source.isFinished();
    }

    @Override
    public boolean isReady() {
      return source.isReady();
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new UnsupportedOperationException("bodies are read by whoever needs them");
    }
  }
}
