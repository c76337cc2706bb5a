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
 * made anew for each, with {@code iat} and {@code exp}. Its key is whatever the operator typed,
 * often shorter than what JOSE libraries accept, hence no library.
 */
@Component
class EvolutionToken {

  private static final long CLOCK_SKEW_SECONDS = 60;

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
    var expiry = claims.path("exp");
    return expiry.isIntegralNumber()
        && expiry.asLong() + CLOCK_SKEW_SECONDS >= clock.instant().getEpochSecond();
  }

  private JsonNode read(String part) {
    return json.readTree(Base64.getUrlDecoder().decode(part));
  }
}
