package dev.profilepic.contract;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides which urls an API key may set for a gateway. The receiver refuses other urls at once. The
 * worker checks again, and checks the address that the host resolves to. Urls from our own
 * configuration are not checked.
 *
 * @param trustedOrigins origins such as {@code http://evolution:8080} that need neither https nor a
 *     public address
 */
public record SourceUrlPolicy(List<String> trustedOrigins) {

  /** The property that lists the trusted origins, as refusals name it. */
  public static final String TRUSTED_ORIGINS = "profile-pic.sources.trusted-origins";

  private static final int LONGEST_URL = 1024;

  public SourceUrlPolicy {
    trustedOrigins = List.copyOf(trustedOrigins);
  }

  /**
   * Returns the problem with a url; empty when there is none.
   *
   * @param text may contain {@code {phone}} and {@code {instance}} behind its host
   * @return a sentence fragment that can follow the field's name; never repeats the url
   */
  public Optional<String> refuse(String text) {
    if (text.length() > LONGEST_URL) {
      return Optional.of("must be at most " + LONGEST_URL + " characters long");
    }
    if (text.codePoints().anyMatch(each -> each <= 0xFFFF && Character.isSurrogate((char) each))) {
      return Optional.of("must be a url");
    }
    URI url;
    try {
      url = new URI(filled(text, "0", "0"));
    } catch (URISyntaxException notAUrl) {
      return Optional.of("must be a url");
    }
    @Nullable String scheme = url.getScheme();
    if (scheme == null || UrlHost.of(url) == null) {
      return Optional.of("must be an absolute url, for example https://evolution.example.com");
    }
    if (url.getRawUserInfo() != null || url.getRawFragment() != null) {
      return Optional.of("must have neither credentials nor a fragment");
    }
    if (authority(text).indexOf('{') >= 0) {
      return Optional.of("may have {phone} and {instance} only behind its host");
    }
    if (!UrlHost.isPossible(url)) {
      return Optional.of("must have a host that can exist, and a port from 1 to 65535 or none");
    }
    if (isTrusted(url)) {
      return Optional.empty();
    }
    if (!scheme.equalsIgnoreCase("https")) {
      return Optional.of("must be https, or its origin one of " + TRUSTED_ORIGINS);
    }
    return UrlHost.isInside(url)
        ? Optional.of("must have a public address, or its origin be one of " + TRUSTED_ORIGINS)
        : Optional.empty();
  }

  /** Returns whether the operator exempted the url's origin from the rules. */
  public boolean isTrusted(URI url) {
    return trustedOrigins.contains(url.getScheme() + "://" + url.getRawAuthority());
  }

  /** Replaces the placeholders of a url. The values must need no escaping in a path. */
  public static String filled(String url, String instance, String phone) {
    return url.replace("{instance}", instance).replace("{phone}", phone);
  }

  private static String authority(String text) {
    int start = text.indexOf("//") + 2;
    int end = text.indexOf('/', start);
    return end < 0 ? text.substring(start) : text.substring(start, end);
  }
}
