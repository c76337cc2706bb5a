package dev.profilepic.receiver.keys;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/**
 * Makes the secrets of keys. They begin with {@code ppk_}, so that scanners for secrets find them.
 */
final class KeySecrets {

  static final Set<String> SCOPES = Set.of("ingest", "operate", "read");

  private KeySecrets() {}

  static String generate() {
    var random = new byte[32];
    new SecureRandom().nextBytes(random);
    return "ppk_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  /** Returns the digest of a key, which the database keeps. */
  static byte[] sha256(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
