package dev.profilepic.receiver.auth;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How callers are known.
 *
 * @param bootstrapKey a key with every scope that needs no database row, for installations that set
 *     everything through the environment; at least 24 characters outside local mode; none when
 *     empty
 */
@ConfigurationProperties("profile-pic.auth")
record AuthProperties(@Nullable String bootstrapKey) {

  /** Never the secret. */
  @Override
  public String toString() {
    return "AuthProperties[]";
  }
}
