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
 * The JWT that Evolution API sends as a bearer token with its webhooks: HS256 and nothing else,
 * made anew for each but not for its repetitions, with {@code iat} and an {@code exp} ten minutes
 * later. It has no {@code jti}, and says nothing of the body. Its key is whatever the operator
 * typed, often shorter than what JOSE libraries accept, hence no library.
 */
@Component
class EvolutionToken {

  private static final long CLOCK_SKEW_SECONDS = 60;
  private static final long LIFETIME_SECONDS = 600;

  /** Ten attempts, from 5 s to 5 min apart, all with the first one's token. */
  private static final long REPETITIONS_SECONDS = 1_200;

  /**
   * A token that was made with the key.
   *
   * @param signed its text without the signature, which has more than one spelling
   * @param late whether it has run out, but its sender may still be repeating
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
   * @return empty when it was not made with this key, or can no longer be in use
   */
  Optional<Valid> check(String token, String key) {
    var parts = token.split("\\.", -1);
    // A token has no padding (RFC 7515), though Java's decoder would take it.
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

  /** Whether it is late; empty when it is of no use at all. */
  private Optional<Boolean> current(JsonNode claims) {
    var issued = claims.path("iat");
    var expiry = claims.path("exp");
    long now = clock.instant().getEpochSecond();
    if (!issued.isIntegralNumber()
        || !expiry.isIntegralNumber()
        || issued.asLong() > now + CLOCK_SKEW_SECONDS) {
      return Optional.empty();
    }
    // Whatever a token says of its own lifetime, a recording of it is of no use for longer.
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
