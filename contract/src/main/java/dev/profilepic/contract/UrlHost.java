package dev.profilepic.contract;

import java.net.URI;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The host of a url. Docker host names are service names, and {@link URI#getHost()} cannot read a
 * name with an underscore, such as {@code evolution_api}.
 */
public final class UrlHost {

  private static final Pattern HOST_AND_PORT = Pattern.compile("([A-Za-z0-9._-]+)(:\\d{1,5})?");

  private UrlHost() {}

  /**
   * Returns the host as written; null when the url names no host, or has credentials in front of
   * the host.
   */
  public static @Nullable String of(URI url) {
    if (url.getHost() != null || url.getRawAuthority() == null) {
      return url.getHost();
    }
    var named = HOST_AND_PORT.matcher(url.getRawAuthority());
    return named.matches() ? named.group(1) : null;
  }
}
