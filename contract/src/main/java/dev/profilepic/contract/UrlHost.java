package dev.profilepic.contract;

import java.net.URI;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The host of a url. Docker names hosts as people name their services, and {@link URI#getHost()}
 * reads no name with an underscore, such as {@code evolution_api}.
 */
public final class UrlHost {

  private static final Pattern HOST_AND_PORT = Pattern.compile("([A-Za-z0-9._-]+)(:\\d{1,5})?");

  private UrlHost() {}

  /** The host as it is written; null when the url names none, or names credentials before it. */
  public static @Nullable String of(URI url) {
    if (url.getHost() != null || url.getRawAuthority() == null) {
      return url.getHost();
    }
    var named = HOST_AND_PORT.matcher(url.getRawAuthority());
    return named.matches() ? named.group(1) : null;
  }
}
