package dev.profilepic.receiver.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Set;

/**
 * A caller's key.
 *
 * @param name unique, shown in logs and limits
 * @param sha256 digest of the secret; the secret itself is not kept
 * @param scopes {@code ingest}, {@code operate}, {@code read}
 * @param instances that it may name; empty means any
 */
record ApiKey(String name, Digest sha256, Set<String> scopes, Set<String> instances) {

  static final Set<String> ALL_SCOPES = Set.of("ingest", "operate", "read");

  /** A digest that compares in constant time. */
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
