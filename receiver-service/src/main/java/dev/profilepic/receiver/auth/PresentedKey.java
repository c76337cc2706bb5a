package dev.profilepic.receiver.auth;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;

/** The key of a call, not yet checked. */
final class PresentedKey extends AbstractAuthenticationToken {

  private static final long serialVersionUID = 1L;
  private static final int LONGEST = 500;

  private final String secret;

  private PresentedKey(String secret) {
    super(AuthorityUtils.NO_AUTHORITIES);
    this.secret = secret;
  }

  /**
   * Reads {@code Authorization: Bearer KEY}, {@code x-api-token: KEY} or {@code apikey: KEY}, which
   * are the three forms that existing callers use, or the password of HTTP Basic, for senders that
   * can only be given a url.
   *
   * @return null when the call has no key
   */
  static @Nullable PresentedKey of(HttpServletRequest request) {
    @Nullable String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
    @Nullable String key = after("Bearer ", authorization);
    for (var header : List.of("x-api-token", "apikey")) {
      key = key == null ? request.getHeader(header) : key;
    }
    if (key == null) {
      @Nullable String basic = after("Basic ", authorization);
      key = basic == null ? null : password(basic.strip());
    }
    return of(key);
  }

  /** Returns a key that did not come in a header; null when it is blank or too long. */
  static @Nullable PresentedKey of(@Nullable String key) {
    return key == null || key.isBlank() || key.length() > LONGEST
        ? null
        : new PresentedKey(key.strip());
  }

  private static @Nullable String after(String scheme, @Nullable String authorization) {
    return authorization != null && authorization.regionMatches(true, 0, scheme, 0, scheme.length())
        ? authorization.substring(scheme.length())
        : null;
  }

  /** Returns the part of {@code user:password} behind the colon (RFC 7617). */
  private static @Nullable String password(String credentials) {
    try {
      var decoded = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
      int colon = decoded.indexOf(':');
      return colon < 0 ? null : decoded.substring(colon + 1);
    } catch (IllegalArgumentException notBase64) {
      return null;
    }
  }

  @Override
  public String getPrincipal() {
    return "";
  }

  @Override
  public String getCredentials() {
    return secret;
  }
}
