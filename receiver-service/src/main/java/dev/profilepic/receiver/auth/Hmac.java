package dev.profilepic.receiver.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Keyed digests, compared in constant time. */
record Hmac(String algorithm, byte[] secret) {

  static final String SHA256 = "HmacSHA256";
  static final String SHA512 = "HmacSHA512";
  private static final String STANDARD_WEBHOOKS = "whsec_";

  /**
   * @param secret {@code whsec_} and base64, as Standard Webhooks writes it, or any other text
   */
  static Hmac of(String algorithm, String secret) {
    return new Hmac(
        algorithm,
        secret.startsWith(STANDARD_WEBHOOKS)
            ? Base64.getDecoder().decode(secret.substring(STANDARD_WEBHOOKS.length()))
            : secret.getBytes(StandardCharsets.UTF_8));
  }

  byte[] sign(byte[]... parts) {
    try {
      var mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(secret, algorithm));
      for (var part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every Java has " + algorithm, impossible);
    }
  }

  boolean matches(byte[] signature, byte[]... parts) {
    return MessageDigest.isEqual(sign(parts), signature);
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return algorithm;
  }
}
