package dev.profilepic.receiver.intake;

import dev.profilepic.contract.PictureUrlPolicy;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which picture urls are taken.
 *
 * @param allowedHosts host names, {@code *.} in front meaning any subdomain
 * @param trustedOrigins origins that are exempt (local mode's CDN)
 */
@ConfigurationProperties("profile-pic.picture-urls")
public record PictureUrls(
    @DefaultValue("*.whatsapp.net") List<String> allowedHosts,
    @DefaultValue List<String> trustedOrigins) {

  public PictureUrls {
    // Whoever is refused here would otherwise be refused with every url.
    var unused = new PictureUrlPolicy(allowedHosts, trustedOrigins);
  }

  /** The rules that receiver and worker share. */
  public PictureUrlPolicy policy() {
    return new PictureUrlPolicy(allowedHosts, trustedOrigins);
  }

  /** The url, unless WhatsApp has let it die by now. */
  public static @Nullable String alive(@Nullable String url, Instant now) {
    return url == null || PictureUrlPolicy.expiry(URI.create(url)).filter(now::isAfter).isPresent()
        ? null
        : url;
  }

  /** The url when it is allowed and alive; for callers that are not told what is wrong with it. */
  public @Nullable String usable(@Nullable String text, Instant now) {
    return text != null
            && policy().check(text.strip()) instanceof PictureUrlPolicy.Verdict.Allowed(var url)
        ? alive(url.toString(), now)
        : null;
  }
}
