package dev.profilepic.receiver.http;

import dev.profilepic.contract.BoundedBody;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * A call whose body is read whole, once, up to a limit. {@code curl -d} labels JSON as a form by
 * default, and some gateways send no content type. Both are read as JSON.
 */
final class BoundedBodyRequest extends HttpServletRequestWrapper {

  private final int limit;
  private final InstantSource clock;
  private final @Nullable String contentType;
  private byte @Nullable [] body;
  private @Nullable ProblemException refused;

  BoundedBodyRequest(HttpServletRequest request, int limit, InstantSource clock) {
    super(request);
    this.limit = limit;
    this.clock = clock;
    this.contentType = jsonUnlessSaidOtherwise(request.getContentType());
  }

  /** Refuses a body whose declared length is too large, before reading any of it. */
  void refuseDeclaredLength() {
    if (getContentLengthLong() > limit) {
      throw tooLarge();
    }
  }

  @Override
  public ServletInputStream getInputStream() throws IOException {
    return new CachedBody(body());
  }

  @Override
  public BufferedReader getReader() throws IOException {
    return new BufferedReader(
        new InputStreamReader(new ByteArrayInputStream(body()), StandardCharsets.UTF_8));
  }

  @Override
  public @Nullable String getContentType() {
    return contentType;
  }

  @Override
  public @Nullable String getHeader(String name) {
    return HttpHeaders.CONTENT_TYPE.equalsIgnoreCase(name) ? contentType : super.getHeader(name);
  }

  @Override
  public Enumeration<String> getHeaders(String name) {
    return HttpHeaders.CONTENT_TYPE.equalsIgnoreCase(name) && contentType != null
        ? Collections.enumeration(List.of(contentType))
        : super.getHeaders(name);
  }

  /**
   * Returns the body. A refused body stays refused, so that a second reader does not get the rest
   * of it.
   */
  private byte[] body() throws IOException {
    if (refused != null) {
      throw refused;
    }
    var known = body;
    if (known != null) {
      return known;
    }
    try {
      var read = read();
      body = read;
      return read;
    } catch (ProblemException refusal) {
      refused = refusal;
      throw refusal;
    }
  }

  private byte[] read() throws IOException {
    var arriving = new PacedBody(this, getRequest().getInputStream(), clock);
    var read = BoundedBody.read(arriving, getContentLengthLong(), limit + 1);
    if (read.length > limit) {
      throw tooLarge();
    }
    return read;
  }

  private ProblemException tooLarge() {
    return new ProblemException(
        Problem.TOO_LARGE, "At most " + limit / 1024 + " KiB are taken here.");
  }

  private static String jsonUnlessSaidOtherwise(@Nullable String type) {
    return type == null
            || type.isBlank()
            || type.regionMatches(true, 0, MediaType.APPLICATION_FORM_URLENCODED_VALUE, 0, 33)
        ? MediaType.APPLICATION_JSON_VALUE
        : type;
  }

  private static final class CachedBody extends ServletInputStream {
    private final ByteArrayInputStream bytes;

    CachedBody(byte[] body) {
      this.bytes = new ByteArrayInputStream(body);
    }

    @Override
    public int read() {
      return bytes.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      return bytes.read(target, offset, length);
    }

    @Override
    public byte[] readAllBytes() {
      return bytes.readAllBytes();
    }

    @Override
    public boolean isFinished() {
      return bytes.available() == 0;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new UnsupportedOperationException("bodies are read whole");
    }
  }
}
