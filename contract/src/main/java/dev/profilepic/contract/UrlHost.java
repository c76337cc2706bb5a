package dev.profilepic.contract;

import java.net.InetAddress;
import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The host of a url. Docker host names are service names, and {@link URI#getHost()} cannot read a
 * name with an underscore, such as {@code evolution_api}.
 */
public final class UrlHost {

  private static final Pattern HOST_AND_PORT = Pattern.compile("([A-Za-z0-9._-]+)(:\\d{1,5})?");

  private static final Pattern PORT = Pattern.compile(":(\\d+)$");
  private static final Pattern NUMERIC = Pattern.compile("[0-9.]+");
  private static final Pattern LABELS =
      Pattern.compile("[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*\\.?");
  private static final int LONGEST_HOST = 253;
  private static final int LARGEST_PORT = 65_535;

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

  /**
   * Returns whether the host could exist: its labels are neither empty nor too long, a host of
   * digits is an address, and the port, if there is one, is from 1 to 65535.
   */
  public static boolean isPossible(URI url) {
    @Nullable String host = of(url);
    if (host == null) {
      return false;
    }
    var port = PORT.matcher(url.getRawAuthority());
    if (port.find()
        && (port.group(1).length() > 5
            || Integer.parseInt(port.group(1)) < 1
            || Integer.parseInt(port.group(1)) > LARGEST_PORT)) {
      return false;
    }
    if (host.startsWith("[") || NUMERIC.matcher(host).matches()) {
      return literal(host) != null;
    }
    return host.length() <= LONGEST_HOST && LABELS.matcher(host).matches();
  }

  /**
   * Returns whether the host is written as an address that is not public. The address behind a name
   * is known only when the name is resolved.
   */
  static boolean isInside(URI url) {
    @Nullable String host = of(url);
    @Nullable InetAddress address = host == null ? null : literal(host);
    if (address == null) {
      return host != null
          && (host.equalsIgnoreCase("localhost")
              || host.toLowerCase(Locale.ROOT).endsWith(".localhost"));
    }
    return !PublicAddresses.include(address);
  }

  private static @Nullable InetAddress literal(String host) {
    try {
      return InetAddress.ofLiteral(
          host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
    } catch (IllegalArgumentException aName) {
      return null;
    }
  }
}
