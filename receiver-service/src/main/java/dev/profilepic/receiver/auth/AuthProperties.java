package dev.profilepic.receiver.auth;

import jakarta.validation.constraints.Min;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How callers are known.
 *
 * @param bootstrapKey a key with every scope that needs no database row, for installations that set
 *     everything through the environment; at least 24 characters outside local mode; none when
 *     empty
 */
@Validated
@ConfigurationProperties("profile-pic.auth")
record AuthProperties(
    @Nullable String bootstrapKey,
    @DefaultValue("1000000") @Min(1) int requestsPerMinute,
    @DefaultValue List<String> allowedOrigins) {

  /** Never the secret. */
  @Override
  public String toString() {
    return "AuthProperties[requestsPerMinute=" + requestsPerMinute + "]";
  }
}
