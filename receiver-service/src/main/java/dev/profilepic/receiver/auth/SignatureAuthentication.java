package dev.profilepic.receiver.auth;

import dev.profilepic.contract.ProfilePicMessage;
import dev.profilepic.receiver.auth.WebhookSecrets.Secret;
import dev.profilepic.receiver.http.WebhookBodies.Sender;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Component;

/**
 * Turns a signed webhook into a caller. The body is read as a stream while its digest is computed.
 * Nothing is done with the body before the digest is found right.
 *
 * <ul>
 *   <li>{@code baileys}, {@code whatsapp-web}: Standard Webhooks, HMAC-SHA256 over {@code
 *       id.timestamp.body}, at most five minutes old (standardwebhooks.com)
 *   <li>{@code waha}: {@code X-Webhook-Hmac}, HMAC-SHA512 over the body
 *   <li>{@code wuzapi}: {@code x-hmac-signature}, HMAC-SHA256 over the body, JSON or url-encoded
 *       form. A multipart form (an event with a file) is refused: its signature covers JSON of the
 *       form's fields, and that text is never sent
 *   <li>{@code evolution}: a JWT, HS256 with the {@code jwt_key} that its webhook is configured
 *       with. The JWT does not cover the body, so token and body together identify a delivery
 * </ul>
 *
 * A secret may be for single instances; its caller may then name only those instances.
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
    var candidates = secrets.of(signature.kinds());
    if (candidates.isEmpty()) {
      throw new BadCredentialsException("no secret is configured for " + signature.kinds());
    }
    return switch (signature.scheme()) {
      case WAHA -> overBody(signature, candidates, "x-webhook-hmac", Hmac.SHA512);
      case WUZAPI -> overBody(signature, candidates, "x-hmac-signature", Hmac.SHA256);
      case EVOLUTION -> evolution(signature, candidates);
      case STANDARD_WEBHOOKS -> standard(signature, candidates);
    };
  }

  @Override
  public boolean supports(Class<?> type) {
    return PresentedSignature.class.isAssignableFrom(type);
  }

  private Caller standard(PresentedSignature signature, List<Secret> candidates) {
    var id = signature.header("webhook-id");
    var timestamp = signature.header("webhook-timestamp");
    var signedAt = seconds(timestamp).orElseThrow(SignatureAuthentication::refused);
    if (id.isEmpty()
        || id.length() > ProfilePicMessage.LONGEST_ID
        || Duration.between(signedAt, clock.instant()).abs().compareTo(WINDOW) > 0) {
      throw refused();
    }
    var digests = digests(Hmac.SHA256, candidates, id + "." + timestamp + ".");
    signature.readBody(Sender.SIGNING, digests);
    // There are several signatures, separated by spaces, while a secret is being rotated.
    for (var one : signature.header("webhook-signature").split(" ", 10)) {
      var given = one.startsWith("v1,") ? base64(one.substring(3)) : new byte[0];
      for (int i = 0; i < candidates.size(); i++) {
        if (digests.get(i).matches(given)) {
          var kind = candidates.get(i).kind();
          return caller(candidates.get(i), new SignedDelivery(kind, id, signedAt));
        }
      }
    }
    throw refused();
  }

  /** Checks a digest of the body in a header, in hex, without a time. */
  private static Caller overBody(
      PresentedSignature signature, List<Secret> candidates, String header, String algorithm) {
    var given = hex(signature.header(header));
    var digests = digests(algorithm, candidates, "");
    signature.readBody(Sender.SIGNING, digests);
    for (int i = 0; i < candidates.size(); i++) {
      if (digests.get(i).matches(given)) {
        // The id is in our own spelling: hex has two cases, and each case would count as another
        // delivery.
        var id = HexFormat.of().formatHex(digests.get(i).digest()).substring(0, 64);
        var kind = candidates.get(i).kind();
        return caller(candidates.get(i), new SignedDelivery(kind, id, Instant.EPOCH));
      }
    }
    throw refused();
  }

  private Caller evolution(PresentedSignature signature, List<Secret> candidates) {
    var token = signature.header("authorization").substring(7).strip();
    for (var secret : candidates) {
      var valid = evolution.check(token, secret.text());
      if (valid.isPresent()) {
        var signed = valid.get().signed();
        // The digest is keyed, so that the receipt does not reveal the body.
        var delivery = Hmac.of(Hmac.SHA256, secret.text()).and(signed + "\0");
        var tokenId = Hmac.of(Hmac.SHA256, secret.text()).and("token\0" + signed);
        signature.readBody(Sender.KNOWN, List.of(delivery));
        return caller(
            secret,
            new SignedDelivery(
                "evolution", hex(delivery), Instant.EPOCH, hex(tokenId), valid.get().late()));
      }
    }
    throw refused();
  }

  private static Caller caller(Secret secret, SignedDelivery delivery) {
    return new Caller(secret.kind(), secret.instances(), delivery);
  }

  private static List<Hmac> digests(String algorithm, List<Secret> secrets, String prefix) {
    var digests = new ArrayList<Hmac>(secrets.size());
    secrets.forEach(secret -> digests.add(Hmac.of(algorithm, secret.text()).and(prefix)));
    return digests;
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

  private static String hex(Hmac digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static BadCredentialsException refused() {
    return new BadCredentialsException("the signature is not valid");
  }
}
