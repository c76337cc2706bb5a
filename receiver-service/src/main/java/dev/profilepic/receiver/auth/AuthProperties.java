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
 * @param ingestPerMinute events and webhooks that a key may send to one replica
 * @param operatePerMinute anything else that a key may ask of one replica
 * @param allowedOrigins web pages that may call from a browser
 */
@Validated
@ConfigurationProperties("profile-pic.auth")
record AuthProperties(
    @Nullable String bootstrapKey,
    @DefaultValue("60000") @Min(1) int ingestPerMinute,
    @DefaultValue("600") @Min(1) int operatePerMinute,
    @DefaultValue List<String> allowedOrigins) {

  /** Never the secret. */
  @Override
  public String toString() {
    return "AuthProperties[ingestPerMinute=%d, operatePerMinute=%d]"
        .formatted(ingestPerMinute, operatePerMinute);
  }
}
