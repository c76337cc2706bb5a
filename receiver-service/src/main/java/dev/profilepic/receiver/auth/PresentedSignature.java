package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.WebhookBodies;
import dev.profilepic.receiver.http.WebhookBodies.Sender;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;

/** A webhook as it arrived, with its sender's signature, which is not yet checked. */
final class PresentedSignature extends AbstractAuthenticationToken {

  private static final long serialVersionUID = 1L;
  private static final String PREFIX = "/webhooks/";
  private static final String ANY = "auto";

  /** The ways in which senders sign. */
  enum Scheme {
    STANDARD_WEBHOOKS(Set.of("baileys", "whatsapp-web")),
    WAHA(Set.of("waha")),
    EVOLUTION(Set.of("evolution")),
    WUZAPI(Set.of("wuzapi"));

    private final Set<String> kinds;

    Scheme(Set<String> kinds) {
      this.kinds = kinds;
    }

    private boolean isOn(HttpServletRequest request) {
      return switch (this) {
        case STANDARD_WEBHOOKS -> request.getHeader("webhook-signature") != null;
        case WAHA -> request.getHeader("x-webhook-hmac") != null;
        case EVOLUTION -> isJwt(request.getHeader(HttpHeaders.AUTHORIZATION));
        // A sender that signs may send a key too. It must do so where the signature does not cover
        // the body.
        case WUZAPI ->
            request.getHeader("x-hmac-signature") != null && PresentedKey.of(request) == null;
      };
    }
  }

  private final transient HttpServletRequest request;
  private final transient WebhookBodies bodies;
  private final Scheme scheme;
  private final Set<String> kinds;

  private PresentedSignature(
      HttpServletRequest request, WebhookBodies bodies, Scheme scheme, Set<String> kinds) {
    super(AuthorityUtils.NO_AUTHORITIES);
    this.request = request;
    this.bodies = bodies;
    this.scheme = scheme;
    this.kinds = kinds;
  }

  /**
   * @return null when the call is no webhook, or has no signature of its kind
   */
  static @Nullable PresentedSignature of(HttpServletRequest request, WebhookBodies bodies) {
    var path = request.getRequestURI();
    if (!path.startsWith(PREFIX)) {
      return null;
    }
    var kind = path.substring(PREFIX.length()).split("/", 2)[0];
    for (var scheme : Scheme.values()) {
      if ((scheme.kinds.contains(kind) || kind.equals(ANY)) && scheme.isOn(request)) {
        return new PresentedSignature(
            request, bodies, scheme, kind.equals(ANY) ? scheme.kinds : Set.of(kind));
      }
    }
    return null;
  }

  Scheme scheme() {
    return scheme;
  }

  /** Returns the kinds of webhooks whose secrets may have made the signature. */
  Set<String> kinds() {
    return kinds;
  }

  /** Returns a header's value; empty when the header is missing. */
  String header(String name) {
    @Nullable String value = request.getHeader(name);
    return value == null ? "" : value;
  }

  /**
   * Reads the body to its end, and keeps the parts that readers of webhooks need with the request.
   * Nothing may be done with them before the signature is checked.
   */
  void readBody(Sender sender, List<Hmac> over) {
    bodies.read(request, sender, over);
  }

  @Override
  public String getPrincipal() {
    return scheme.name();
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
