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
 * Reads the bodies of webhooks as streams: what some reader of webhooks may ask for is kept, media
 * is passed by. A body of which much is kept needs one of a few places until its request ends, so
 * that many of them together cannot fill the memory; senders that are not known yet have places of
 * their own.
 */
@Component
public class WebhookBodies {

  /** Is told every byte of a body, in order. */
  public interface Tap {
    void update(byte[] bytes, int offset, int length);
  }

  /** Who sends the body, as far as that is known before it is read. */
  public enum Sender {
    /** A key or a token was found valid. */
    KNOWN,
    /** The body is signed, so it must be read to its end before the sender is known. */
    SIGNING,
    /** Only the body itself can say. */
    UNKNOWN
  }

  /** Text longer than this is media, whatever its name. */
  private static final int LONGEST_TEXT = 2_000_000;

  private static final String PLACE = WebhookBodies.class.getName() + ".place";
  private static final int PLACES = 8;
  private static final long PATIENCE_MILLIS = 1_000;
  private static final int LEFT_OVER = 8_192;

  private final BodyLimits limits;
  private final Semaphore known = new Semaphore(PLACES);
  private final Semaphore strangers = new Semaphore(PLACES);
  private final JsonFactory trusting = factory(LONGEST_TEXT);
  private final JsonFactory careful;

  WebhookBodies(BodyLimits limits) {
    this.limits = limits;
    this.careful = factory(Math.toIntExact(limits.webhooksUnknown().toBytes()));
  }

  /**
   * Reads the body to its end. Nothing is done because of it here.
   *
   * @param taps each is told the whole body as it came, also when it is no JSON
   * @throws ProblemException 413 when it is too large, 415 when it is of another type, 408 when it
   *     stops half-way, 503 when too many large ones are being worked
   */
  public WebhookBody read(HttpServletRequest request, Sender sender, List<? extends Tap> taps) {
    try {
      var raw = new TappedStream(request.getInputStream(), taps);
      var content = content(request, raw);
      var body =
          parse(
              content.stream(),
              new Gleaner(most(sender), large -> takePlace(request, sender)),
              sender);
      var rest = new byte[LEFT_OVER];
      while (raw.read(rest, 0, rest.length) >= 0) {
        // A signature is over the whole body, whatever stands behind the JSON.
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

  private long most(Sender sender) {
    return (sender == Sender.UNKNOWN ? limits.webhooksUnknown() : limits.webhooksKept()).toBytes();
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

  /** Forms have their JSON in a field; anything else is JSON, also what {@code curl -d} sends. */
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

  /** Lets the taps hear what passes. */
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
