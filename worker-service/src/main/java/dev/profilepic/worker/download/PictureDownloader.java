package dev.profilepic.worker.download;

import dev.profilepic.contract.PictureUrlPolicy;
import dev.profilepic.worker.exchanges.BodyBudget;
import dev.profilepic.worker.exchanges.Deadline;
import dev.profilepic.worker.exchanges.ExchangeDeadlines;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.FilteredHostException;
import org.springframework.stereotype.Component;

/**
 * Downloads pictures within the rules of {@link PictureUrlPolicy}: from allowed hosts at public
 * addresses, without redirects, within time and size, and only if the content is a picture.
 */
@Component
public class PictureDownloader {

  /**
   * The limit along either side. WhatsApp's pictures have 640 pixels. A larger picture would only
   * cost its readers memory.
   */
  private static final int MOST_PIXELS = 4_096;

  private final PictureUrlPolicy policy;
  private final DownloadProperties limits;
  private final HttpClient publicHosts;
  private final HttpClient trustedOrigins;
  private final ExchangeDeadlines deadlines;
  private final BodyBudget memory;
  private final InstantSource clock;
  private final Timer timer;

  PictureDownloader(
      PictureUrlPolicy policy,
      DownloadProperties limits,
      HttpClient publicHosts,
      HttpClient trustedOrigins,
      ExchangeDeadlines deadlines,
      BodyBudget memory,
      InstantSource clock,
      MeterRegistry meters) {
    this.policy = policy;
    this.limits = limits;
    this.publicHosts = publicHosts;
    this.trustedOrigins = trustedOrigins;
    this.deadlines = deadlines;
    this.memory = memory;
    this.clock = clock;
    this.timer =
        Timer.builder("profilepic.download")
            .description("Downloads from the CDN, whatever came of them")
            .publishPercentileHistogram()
            .register(meters);
  }

  /**
   * Downloads the picture that a url points to. Blocks for as long as the download timeout at the
   * most.
   *
   * @throws InterruptedException when the caller is interrupted
   */
  public Download fetch(String url) throws InterruptedException {
    return switch (policy.check(url)) {
      case PictureUrlPolicy.Verdict.Refused(var why) ->
          new Download.Unsafe("the picture's url " + why);
      case PictureUrlPolicy.Verdict.Allowed(var allowed) when hasExpired(allowed) ->
          new Download.Expired("the link's own expiry has passed");
      case PictureUrlPolicy.Verdict.Allowed(var allowed) -> fetch(allowed);
    };
  }

  private boolean hasExpired(URI url) {
    return PictureUrlPolicy.expiry(url).filter(clock.instant()::isAfter).isPresent();
  }

  private Download fetch(URI url) throws InterruptedException {
    var request = new HttpGet(url);
    var client = policy.isTrusted(url) ? trustedOrigins : publicHosts;
    var sample = Timer.start();
    var deadline = Deadline.in(limits.timeout());
    var watch = deadlines.of(request, limits.timeout());
    // Not closed by try-with-resources: closing would read an endless body to its end. Aborting the
    // request drops the connection.
    try {
      var response = (ClassicHttpResponse) client.executeOpen(null, request, null);
      return read(response, request, deadline);
    } catch (FilteredHostException privateAddress) {
      return new Download.Unsafe("the picture's host has no public address");
    } catch (IOException failure) {
      request.abort();
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      return new Download.Failed(
          watch.hasPassed()
              ? "not done after " + limits.timeout().toSeconds() + " s"
              : failure.getClass().getSimpleName());
    } finally {
      watch.close();
      sample.stop(timer);
    }
  }

  private Download read(ClassicHttpResponse response, HttpGet request, Deadline deadline)
      throws IOException {
    int status = response.getCode();
    if (status == 200) {
      byte @Nullable [] bytes = body(response, request, deadline);
      return bytes == null
          ? new Download.BadImage("larger than " + limits.maxBytes().toMegabytes() + " MB")
          : verify(bytes);
    }
    request.abort();
    return switch (status) {
      case 403, 404, 410 -> new Download.Expired("the CDN answered " + status);
      case 301, 302, 303, 307, 308 -> new Download.Unsafe("the CDN redirects elsewhere");
      default -> new Download.Failed("the CDN answered " + status);
    };
  }

  /** Returns the body; null when it is too large. */
  private byte @Nullable [] body(ClassicHttpResponse response, HttpGet request, Deadline deadline)
      throws IOException {
    var entity = response.getEntity();
    if (entity == null) {
      return new byte[0];
    }
    int limit = (int) limits.maxBytes().toBytes();
    if (entity.getContentLength() <= limit) {
      var in = entity.getContent();
      var bytes = memory.read(in, entity.getContentLength(), limit, deadline);
      if (bytes.length <= limit) {
        in.close();
        return bytes;
      }
    }
    request.abort();
    return null;
  }

  /** Checks a picture that came without a download, by the same rules. */
  public Download verify(byte[] bytes) {
    if (bytes.length > limits.maxBytes().toBytes()) {
      return new Download.BadImage("larger than " + limits.maxBytes().toMegabytes() + " MB");
    }
    var header = ImageHeader.read(bytes);
    if (header.isEmpty()) {
      return new Download.BadImage("neither JPEG nor PNG nor WebP");
    }
    if (header.get().width() > MOST_PIXELS || header.get().height() > MOST_PIXELS) {
      return new Download.BadImage(
          header.get().width()
              + "x"
              + header.get().height()
              + " pixels are more than "
              + MOST_PIXELS);
    }
    var kept = ImageFile.keep(header.get().format(), bytes);
    return kept.isEmpty()
        ? new Download.BadImage("cut off before its end, or damaged")
        : new Download.Picture(kept.get(), Sha256.hex(bytes), Sha256.hex(kept.get()), header.get());
  }

  static Duration socketTimeout(DownloadProperties limits) {
    return limits.timeout().dividedBy(2);
  }
}
