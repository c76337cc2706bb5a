package dev.profilepic.receiver.auth;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Min;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings for the authentication of callers.
 *
 * @param bootstrapKey a key with every scope that needs no database row, for installations that are
 *     configured by the environment alone; at least 24 characters outside local mode; empty means
 *     no such key
 * @param ingestPerMinute events and webhooks that one key may send to one replica
 * @param operatePerMinute all other calls that one key may make to one replica
 * @param allowedOrigins web pages that may call from a browser
 */
@Validated
@ConfigurationProperties("profile-pic.auth")
record AuthProperties(
    @Nullable String bootstrapKey,
    @DefaultValue("60000") @Min(1) int ingestPerMinute,
    @DefaultValue("600") @Min(1) int operatePerMinute,
    @DefaultValue List<String> allowedOrigins) {

  @AssertTrue(
      message =
          "profile-pic.auth.allowed-origins must be origins without a path, such as https://crm.example.com, or *")
  boolean isEachAnOrigin() {
    return allowedOrigins.stream()
        .allMatch(origin -> origin.matches("\\*|[a-z][a-z0-9+.-]*://[^/\\s]+/?"));
  }

  /** Returns a text without the secret. */
  @Override
  public String toString() {
    return "AuthProperties[ingestPerMinute=%d, operatePerMinute=%d]"
        .formatted(ingestPerMinute, operatePerMinute);
  }
}
