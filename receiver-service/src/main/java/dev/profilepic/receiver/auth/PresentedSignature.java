package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;

/** A webhook as it arrived, with the signature that its sender put on it; not yet checked. */
final class PresentedSignature extends AbstractAuthenticationToken {

  private static final long serialVersionUID = 1L;
  private static final String PREFIX = "/webhooks/";

  private final transient HttpServletRequest request;
  private final String kind;

  private PresentedSignature(HttpServletRequest request, String kind) {
    super(AuthorityUtils.NO_AUTHORITIES);
    this.request = request;
    this.kind = kind;
  }

  /**
   * @return null when the request is no webhook, or brings no signature of its kind
   */
  static @Nullable PresentedSignature of(HttpServletRequest request) {
    var path = request.getRequestURI();
    if (!path.startsWith(PREFIX)) {
      return null;
    }
    var kind = path.substring(PREFIX.length());
    var signed =
        switch (kind) {
          case "baileys", "whatsapp-web" -> request.getHeader("webhook-signature") != null;
          case "waha" -> request.getHeader("x-webhook-hmac") != null;
          case "evolution" -> isJwt(request.getHeader(HttpHeaders.AUTHORIZATION));
          default -> false;
        };
    return signed ? new PresentedSignature(request, kind) : null;
  }

  String kind() {
    return kind;
  }

  /** A header's value, empty when it is missing. */
  String header(String name) {
    @Nullable String value = request.getHeader(name);
    return value == null ? "" : value;
  }

  /**
   * @throws ProblemException 413 when the body is too large
   */
  byte[] body() {
    try {
      return request.getInputStream().readAllBytes();
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  @Override
  public String getPrincipal() {
    return kind;
  }

  @Override
  public String getCredentials() {
    return "";
  }

  private static boolean isJwt(@Nullable String authorization) {
    return authorization != null
        && authorization.regionMatches(true, 0, "Bearer ey", 0, 9)
        && authorization.chars().filter(c -> c == '.').count() == 2;
  }
}
