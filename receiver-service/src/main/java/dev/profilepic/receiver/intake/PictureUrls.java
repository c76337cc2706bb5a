package dev.profilepic.receiver.intake;

import dev.profilepic.contract.PictureUrlPolicy;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The picture urls that are accepted.
 *
 * @param allowedHosts host names; {@code *.} in front means any subdomain
 * @param trustedOrigins origins that are exempt (local mode's CDN)
 */
@ConfigurationProperties("profile-pic.picture-urls")
public record PictureUrls(
    @DefaultValue("*.whatsapp.net") List<String> allowedHosts,
    @DefaultValue List<String> trustedOrigins) {

  public PictureUrls {
    // Fail at start-up: with wrong settings, every later call with a url would fail.
    var unused = new PictureUrlPolicy(allowedHosts, trustedOrigins);
  }

  /** The rules that receiver and worker share. */
  public PictureUrlPolicy policy() {
    return new PictureUrlPolicy(allowedHosts, trustedOrigins);
  }

  /** The url, or null when WhatsApp has ended the link by now. */
  public static @Nullable String alive(@Nullable String url, Instant now) {
    return url == null || PictureUrlPolicy.expiry(URI.create(url)).filter(now::isAfter).isPresent()
        ? null
        : url;
  }

  /**
   * The url when it is allowed and still works, else null; for callers who are not told the
   * problem.
   */
  public @Nullable String usable(@Nullable String text, Instant now) {
    return text != null
            && policy().check(text.strip()) instanceof PictureUrlPolicy.Verdict.Allowed(var url)
        ? alive(url.toString(), now)
        : null;
  }
}
