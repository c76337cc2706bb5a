package dev.profilepic.contract;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Decides which urls a picture may be fetched from. The receiver refuses other urls at once. The
 * worker checks again, because anyone who can write to the queue may have put a url there.
 *
 * @param allowedHosts host names; {@code *.} in front means any subdomain. Only https and the
 *     default port are allowed
 * @param trustedOrigins origins such as {@code http://127.0.0.1:3002} that are exempt from all of
 *     these rules (local mode's CDN)
 */
@ConfigurationProperties("profile-pic.picture-urls")
public record PictureUrlPolicy(
    @DefaultValue("*.whatsapp.net") List<String> allowedHosts,
    @DefaultValue({}) List<String> trustedOrigins) {

  private static final Pattern EXPIRY = Pattern.compile("(?:^|&)oe=([0-9A-Fa-f]{1,12})(?:&|$)");
  private static final int LONGEST_URL = 2048;

  private static final Pattern HOST = Pattern.compile("(\\*\\.)?([a-z0-9-]+\\.)*[a-z0-9-]+");
  private static final Pattern ORIGIN = Pattern.compile("https?://[a-z0-9.\\[\\]:-]+");

  /**
   * @throws IllegalArgumentException names the property and the rule that it breaks
   */
  public PictureUrlPolicy {
    allowedHosts = List.copyOf(allowedHosts);
    trustedOrigins = List.copyOf(trustedOrigins);
    requireAll(
        allowedHosts,
        HOST,
        "profile-pic.picture-urls.allowed-hosts must be host names in lower case, such as *.whatsapp.net");
    requireAll(
        trustedOrigins,
        ORIGIN,
        "profile-pic.picture-urls.trusted-origins must be origins without a path, such as http://127.0.0.1:3002");
  }

  private static void requireAll(List<String> values, Pattern form, String otherwise) {
    if (!values.stream().allMatch(value -> form.matcher(value).matches())) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /** The policy's verdict on a url. */
  public sealed interface Verdict {
    record Allowed(URI url) implements Verdict {}

    /**
     * @param why a sentence fragment that can follow the field's name; never repeats the url
     */
    record Refused(String why) implements Verdict {}
  }

  public Verdict check(String text) {
    if (text.length() > LONGEST_URL) {
      return new Verdict.Refused("must be at most " + LONGEST_URL + " characters long");
    }
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException notAUrl) {
      return new Verdict.Refused("must be a url");
    }
    @Nullable String scheme = url.getScheme();
    @Nullable String host = url.getHost();
    if (scheme == null || host == null) {
      return new Verdict.Refused("must be an absolute https url");
    }
    if (isTrusted(url)) {
      return new Verdict.Allowed(url);
    }
    if (!scheme.equalsIgnoreCase("https")) {
      return new Verdict.Refused("must be https");
    }
    if (url.getRawUserInfo() != null || (url.getPort() != -1 && url.getPort() != 443)) {
      return new Verdict.Refused("must have neither credentials nor a port");
    }
    if (allowedHosts.stream()
        .noneMatch(allowed -> matches(host.toLowerCase(Locale.ROOT), allowed))) {
      return new Verdict.Refused(
          "must be on one of the allowed hosts: " + String.join(", ", allowedHosts));
    }
    return new Verdict.Allowed(url);
  }

  /**
   * Returns the url when it is allowed and still works, else null. For callers that do not report
   * the problem.
   */
  public @Nullable String usable(@Nullable String text, Instant now) {
    return text != null && check(text.strip()) instanceof Verdict.Allowed(var url)
        ? alive(url.toString(), now)
        : null;
  }

  /** Returns the url, or null when WhatsApp has ended the link by now. */
  public static @Nullable String alive(@Nullable String url, Instant now) {
    return url == null || expiry(URI.create(url)).filter(now::isAfter).isPresent() ? null : url;
  }

  /** Returns whether the operator exempted the url's origin from the rules. */
  public boolean isTrusted(URI url) {
    return trustedOrigins.contains(url.getScheme() + "://" + url.getRawAuthority());
  }

  /**
   * Returns the time when WhatsApp ends the link: its {@code oe} parameter, hexadecimal Unix
   * seconds.
   */
  public static Optional<Instant> expiry(URI url) {
    @Nullable String query = url.getRawQuery();
    if (query == null) {
      return Optional.empty();
    }
    var found = EXPIRY.matcher(query);
    return found.find()
        ? Optional.of(Instant.ofEpochSecond(Long.parseLong(found.group(1), 16)))
        : Optional.empty();
  }

  private static boolean matches(String host, String allowed) {
    return allowed.startsWith("*.") ? host.endsWith(allowed.substring(1)) : host.equals(allowed);
  }
}
