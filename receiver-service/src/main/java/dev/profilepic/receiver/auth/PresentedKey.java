package dev.profilepic.receiver.auth;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;

/** A key as a request presents it, not yet checked. */
final class PresentedKey extends AbstractAuthenticationToken {

  private static final long serialVersionUID = 1L;
  private static final int LONGEST = 500;

  private final String secret;

  private PresentedKey(String secret) {
    super(AuthorityUtils.NO_AUTHORITIES);
    this.secret = secret;
  }

  /**
   * Reads {@code Authorization: Bearer KEY}, {@code x-api-token: KEY} or {@code apikey: KEY}, the
   * three that existing callers use.
   *
   * @return null when the request has none
   */
  static @Nullable PresentedKey of(HttpServletRequest request) {
    @Nullable String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
    @Nullable String key =
        authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)
            ? authorization.substring(7)
            : request.getHeader("x-api-token");
    if (key == null) {
      key = request.getHeader("apikey");
    }
    return key == null || key.isBlank() || key.length() > LONGEST
        ? null
        : new PresentedKey(key.strip());
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
