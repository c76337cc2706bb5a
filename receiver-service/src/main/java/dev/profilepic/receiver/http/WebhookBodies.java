package dev.profilepic.receiver.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the bodies of webhooks as streams. The parts that a reader of webhooks may ask for are
 * kept, and media is skipped. When much of a body is kept, its call needs one of a few places until
 * the call ends, so that many such bodies cannot fill the memory together. Senders that are not
 * known yet have separate places.
 */
@Component
public class WebhookBodies {

  /** Receives every byte of a body, in order. */
  public interface Tap {
    void update(byte[] bytes, int offset, int length);
  }

  /** The known facts about a body's sender before the body is read. */
  public enum Sender {
    /** A key or a token was found valid. */
    KNOWN,
    /** The body is signed, so it must be read to its end before the sender is known. */
    SIGNING,
    /** Only the body itself can identify the sender. */
    UNKNOWN
  }

  /** Text longer than this is media, in a field of any name. */
  private static final int LONGEST_TEXT = 2_000_000;

  /** The limit for a whole body without media: a gateway's list of all its contacts fits in. */
  private static final int MOST_KEPT = 16 * 1024 * 1024;

  /**
   * The limit while the sender is unknown: an event fits in, and strangers cannot fill the memory.
   */
  private static final int MOST_KEPT_OF_STRANGERS = 64 * 1024;

  private static final String PLACE = WebhookBodies.class.getName() + ".place";
  private static final int PLACES = 8;
  private static final long PATIENCE_MILLIS = 1_000;
  private static final int LEFT_OVER = 8_192;

  private final Semaphore known = new Semaphore(PLACES);
  private final Semaphore strangers = new Semaphore(PLACES);
  private final JsonFactory trusting = factory(LONGEST_TEXT);
  private final JsonFactory careful = factory(MOST_KEPT_OF_STRANGERS);

  /**
   * Reads the body to its end, without acting on its content.
   *
   * @param taps each receives the whole body as it came, even when the body is not JSON
   * @throws ProblemException 413 when the body is too large, 415 when it is of another type, 408
   *     when it stops half-way, 503 when too many large bodies are being worked
   */
  public WebhookBody read(HttpServletRequest request, Sender sender, List<? extends Tap> taps) {
    try {
      var raw = new TappedStream(request.getInputStream(), taps);
      var content = content(request, raw);
      var body =
          parse(
              content.stream(),
              new Gleaner(
                  sender == Sender.UNKNOWN ? MOST_KEPT_OF_STRANGERS : MOST_KEPT,
                  large -> takePlace(request, sender)),
              sender);
      var rest = new byte[LEFT_OVER];
      while (raw.read(rest, 0, rest.length) >= 0) {
        // A signature covers the whole body, including anything behind the JSON.
      }
      if (content.instance() != null && body.json() != null && !body.json().has("instanceName")) {
        body.json().put("instanceName", content.instance());
      }
      body.belongsTo(request);
      return body;
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  /** Gives back the place that a large body has taken. */
  void release(HttpServletRequest request) {
    if (request.getAttribute(PLACE) instanceof Semaphore place) {
      request.removeAttribute(PLACE);
      place.release();
    }
  }

  private WebhookBody parse(InputStream content, Gleaner gleaner, Sender sender) {
    var factory = sender == Sender.KNOWN ? trusting : careful;
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), content)) {
      var json = gleaner.glean(parser);
      return new WebhookBody(
          json instanceof ObjectNode object ? object : null, gleaner.verifyToken());
    } catch (JacksonIOException failed) {
      throw new UncheckedIOException(failed.getCause());
    } catch (JacksonException notJson) {
      return new WebhookBody(null, null);
    }
  }

  private void takePlace(HttpServletRequest request, Sender sender) {
    var places = sender == Sender.KNOWN ? known : strangers;
    try {
      if (!places.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
        throw ProblemException.unavailable();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw ProblemException.unavailable();
    }
    request.setAttribute(PLACE, places);
  }

  /**
   * Returns the JSON of a body. The content of a form is JSON in a field. All other bodies are
   * JSON, even when labelled as a form.
   */
  private static FormField content(HttpServletRequest request, InputStream raw) throws IOException {
    @Nullable String given = request.getContentType();
    var type = given == null ? "" : given.strip().toLowerCase(Locale.ROOT);
    if (type.startsWith(MediaType.APPLICATION_FORM_URLENCODED_VALUE)) {
      return FormField.ofUrlEncoded(raw, Gleaner.FORM_FIELD);
    }
    if (type.startsWith(MediaType.MULTIPART_FORM_DATA_VALUE)) {
      return FormField.ofMultipart(raw, type, given == null ? "" : given, Gleaner.FORM_FIELD);
    }
    if (type.isEmpty() || type.startsWith("application/json") || type.contains("+json")) {
      return FormField.whole(raw);
    }
    throw new ProblemException(
        Problem.UNSUPPORTED_MEDIA_TYPE, "Send JSON with Content-Type: application/json.");
  }

  private static JsonFactory factory(int longestText) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxStringLength(longestText)
                .maxNameLength(1_000)
                .maxNumberLength(100)
                .build())
        .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
        .build();
  }

  /** Passes each byte on to the taps. */
  private static final class TappedStream extends InputStream {
    private final InputStream source;
    private final List<? extends Tap> taps;

    TappedStream(InputStream source, List<? extends Tap> taps) {
      this.source = source;
      this.taps = taps;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int read = source.read(target, offset, length);
      if (read > 0) {
        taps.forEach(tap -> tap.update(target, offset, read));
      }
      return read;
    }
  }
}
