package dev.profilepic.receiver.auth;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
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

  private final JsonMapper json;
  private final InstantSource clock;

  EvolutionToken(JsonMapper json, InstantSource clock) {
    this.json = json;
    this.clock = clock;
  }

  boolean isValid(String token, String key) {
    var parts = token.strip().split("\\.", -1);
    try {
      var signed = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.UTF_8);
      var signature = Base64.getUrlDecoder().decode(parts[2]);
      return Hmac.of(Hmac.SHA256, key).matches(signature, signed)
          && read(parts[0]).path("alg").asString("").equals("HS256")
          && isCurrent(read(parts[1]));
    } catch (IllegalArgumentException | JacksonException notAToken) {
      return false;
    }
  }

  private boolean isCurrent(JsonNode claims) {
    var issued = claims.path("iat");
    var expiry = claims.path("exp");
    if (!issued.isIntegralNumber() || !expiry.isIntegralNumber()) {
      return false;
    }
    // Whatever a token says of its own lifetime, a recording of it is of no use for longer.
    long now = clock.instant().getEpochSecond();
    long end = Math.min(expiry.asLong(), issued.asLong() + LIFETIME_SECONDS);
    return issued.asLong() <= now + CLOCK_SKEW_SECONDS && now <= end + CLOCK_SKEW_SECONDS;
  }

  private JsonNode read(String part) {
    return json.readTree(Base64.getUrlDecoder().decode(part));
  }
}
