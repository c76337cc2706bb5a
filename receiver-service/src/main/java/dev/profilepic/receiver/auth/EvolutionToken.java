package dev.profilepic.receiver.auth;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JWT that Evolution API sends as a bearer token with its webhooks: HS256 only, with {@code
 * iat} and an {@code exp} ten minutes later. Each delivery gets a new token; its repetitions reuse
 * the token. It has no {@code jti}, and does not cover the body. The key is any text that the
 * operator typed, often shorter than JOSE libraries accept, so no library is used.
 */
@Component
class EvolutionToken {

  private static final long CLOCK_SKEW_SECONDS = 60;
  private static final long LIFETIME_SECONDS = 600;

  /** Evolution makes ten tries, 5 s to 5 min apart, all with the first try's token. */
  private static final long REPETITIONS_SECONDS = 1_200;

  /**
   * A token that was made with the key.
   *
   * @param signed its text without the signature, because a signature has more than one spelling
   * @param late whether the token has expired, but its sender may still repeat the delivery
   */
  record Valid(String signed, boolean late) {}

  private final JsonMapper json;
  private final InstantSource clock;

  EvolutionToken(JsonMapper json, InstantSource clock) {
    this.json = json;
    this.clock = clock;
  }

  /**
   * Checks a token.
   *
   * @return empty when the token was not made with this key, or can no longer be in use
   */
  Optional<Valid> check(String token, String key) {
    var parts = token.split("\\.", -1);
    // A token has no padding (RFC 7515), but Java's decoder would accept padding.
    if (parts.length != 3 || token.indexOf('=') >= 0) {
      return Optional.empty();
    }
    try {
      var signed = parts[0] + "." + parts[1];
      var signature = Base64.getUrlDecoder().decode(parts[2]);
      if (!Hmac.of(Hmac.SHA256, key).and(signed).matches(signature)
          || !read(parts[0]).path("alg").asString("").equals("HS256")) {
        return Optional.empty();
      }
      return current(read(parts[1])).map(late -> new Valid(signed, late));
    } catch (IllegalArgumentException | JacksonException notAToken) {
      return Optional.empty();
    }
  }

  /** Returns whether the token is late; empty when it cannot be used at all. */
  private Optional<Boolean> current(JsonNode claims) {
    var issued = claims.path("iat");
    var expiry = claims.path("exp");
    long now = clock.instant().getEpochSecond();
    if (!issued.isIntegralNumber()
        || !expiry.isIntegralNumber()
        || issued.asLong() > now + CLOCK_SKEW_SECONDS) {
      return Optional.empty();
    }
    // A token may claim a longer lifetime. A recording of it is useless after ten minutes all the
    // same.
    long end = Math.min(expiry.asLong(), issued.asLong() + LIFETIME_SECONDS);
    if (now <= end + CLOCK_SKEW_SECONDS) {
      return Optional.of(false);
    }
    boolean asEvolutionMakesThem = expiry.asLong() == issued.asLong() + LIFETIME_SECONDS;
    return asEvolutionMakesThem && now < issued.asLong() + REPETITIONS_SECONDS
        ? Optional.of(true)
        : Optional.empty();
  }

  private JsonNode read(String part) {
    return json.readTree(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8));
  }
}
