package dev.profilepic.receiver.auth;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Component;

/**
 * Makes a caller of a signed webhook.
 *
 * <ul>
 *   <li>{@code baileys}, {@code whatsapp-web}: Standard Webhooks, HMAC-SHA256 over {@code
 *       id.timestamp.body}, at most five minutes old (standardwebhooks.com)
 *   <li>{@code waha}: {@code X-Webhook-Hmac}, HMAC-SHA512 over the body
 *   <li>{@code evolution}: a JWT, HS256 with the {@code jwt_key} that its webhook is configured
 *       with; not bound to the body, so a delivery is known by token and body together
 * </ul>
 */
@Component
class SignatureAuthentication implements AuthenticationProvider {

  private static final Duration WINDOW = Duration.ofMinutes(5);

  private final WebhookSecrets secrets;
  private final EvolutionToken evolution;
  private final InstantSource clock;

  SignatureAuthentication(WebhookSecrets secrets, EvolutionToken evolution, InstantSource clock) {
    this.secrets = secrets;
    this.evolution = evolution;
    this.clock = clock;
  }

  @Override
  public @Nullable Authentication authenticate(Authentication presented) {
    if (!(presented instanceof PresentedSignature signature)) {
      return null;
    }
    @Nullable String secret = secrets.of(signature.kind());
    if (secret == null) {
      throw new BadCredentialsException("no secret is configured for " + signature.kind());
    }
    return switch (signature.kind()) {
      case "waha" -> new Caller("waha", waha(signature, secret));
      case "evolution" -> new Caller("evolution", evolution(signature, secret));
      default -> new Caller(signature.kind(), standard(signature, secret));
    };
  }

  @Override
  public boolean supports(Class<?> type) {
    return PresentedSignature.class.isAssignableFrom(type);
  }

  private SignedDelivery standard(PresentedSignature signature, String secret) {
    var id = signature.header("webhook-id");
    var timestamp = signature.header("webhook-timestamp");
    var signedAt = seconds(timestamp).orElseThrow(SignatureAuthentication::refused);
    if (id.isEmpty()
        || id.length() > 200
        || Duration.between(signedAt, clock.instant()).abs().compareTo(WINDOW) > 0) {
      throw refused();
    }
    var hmac = Hmac.of(Hmac.SHA256, secret);
    var prefix = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
    var body = signature.body();
    // Several signatures, space-delimited, while a secret is being rotated.
    for (var one : signature.header("webhook-signature").split(" ", 10)) {
      if (one.startsWith("v1,") && hmac.matches(base64(one.substring(3)), prefix, body)) {
        return new SignedDelivery(signature.kind(), id, signedAt);
      }
    }
    throw refused();
  }

  private static SignedDelivery waha(PresentedSignature signature, String secret) {
    var hex = signature.header("x-webhook-hmac");
    if (!Hmac.of(Hmac.SHA512, secret).matches(hex(hex), signature.body())) {
      throw refused();
    }
    return new SignedDelivery("waha", hex.substring(0, 64), Instant.EPOCH);
  }

  private SignedDelivery evolution(PresentedSignature signature, String secret) {
    var token = signature.header("authorization").substring(7).strip();
    if (!evolution.isValid(token, secret)) {
      throw refused();
    }
    // Keyed, so that nobody can tell from the receipt what the body was.
    var delivery =
        Hmac.of(Hmac.SHA256, secret)
            .sign(token.getBytes(StandardCharsets.UTF_8), new byte[] {0}, signature.body());
    return new SignedDelivery("evolution", HexFormat.of().formatHex(delivery), Instant.EPOCH);
  }

  private static Optional<Instant> seconds(String text) {
    return text.matches("[0-9]{1,12}")
        ? Optional.of(Instant.ofEpochSecond(Long.parseLong(text)))
        : Optional.empty();
  }

  private static byte[] base64(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException notBase64) {
      return new byte[0];
    }
  }

  private static byte[] hex(String text) {
    try {
      return HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException notHex) {
      return new byte[0];
    }
  }

  private static BadCredentialsException refused() {
    return new BadCredentialsException("the signature is not valid");
  }
}
