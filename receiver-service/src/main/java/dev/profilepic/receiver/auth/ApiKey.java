package dev.profilepic.receiver.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A caller's key.
 *
 * @param id of its row; null for a key that comes from the configuration and has no row
 * @param name unique, shown in logs and limits
 * @param sha256 digest of the secret; the secret itself is not kept
 * @param scopes {@code ingest}, {@code operate}, {@code read}
 * @param instances that the key may name; empty means any
 * @param expiresAt the key is refused from then on; null for never
 */
record ApiKey(
    @Nullable Long id,
    String name,
    Digest sha256,
    Set<String> scopes,
    Set<String> instances,
    @Nullable Instant expiresAt) {

  static final Set<String> ALL_SCOPES = Set.of("ingest", "operate", "read");

  boolean isExpired(Instant now) {
    return expiresAt != null && !expiresAt.isAfter(now);
  }

  /** A digest that is compared in constant time. */
  record Digest(byte[] bytes) {

    static Digest of(String secret) {
      try {
        var sha256 = MessageDigest.getInstance("SHA-256");
        return new Digest(sha256.digest(secret.getBytes(StandardCharsets.UTF_8)));
      } catch (NoSuchAlgorithmException impossible) {
        throw new IllegalStateException("every Java has SHA-256", impossible);
      }
    }

    boolean matches(Digest other) {
      return MessageDigest.isEqual(bytes, other.bytes);
    }
  }
}
