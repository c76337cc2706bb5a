package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.WebhookBodies;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A keyed digest over a stream of bytes, compared in constant time. */
final class Hmac implements WebhookBodies.Tap {

  static final String SHA256 = "HmacSHA256";
  static final String SHA512 = "HmacSHA512";
  private static final String STANDARD_WEBHOOKS = "whsec_";

  private final Mac mac;
  private byte[] digest = {};

  private Hmac(Mac mac) {
    this.mac = mac;
  }

  /**
   * @param secret {@code whsec_} and base64, as Standard Webhooks writes it, or any other text
   */
  static Hmac of(String algorithm, String secret) {
    var key =
        secret.startsWith(STANDARD_WEBHOOKS)
            ? Base64.getDecoder().decode(secret.substring(STANDARD_WEBHOOKS.length()))
            : secret.getBytes(StandardCharsets.UTF_8);
    try {
      var mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key, algorithm));
      return new Hmac(mac);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every Java has " + algorithm, impossible);
    }
  }

  Hmac and(String text) {
    mac.update(text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  @Override
  public void update(byte[] bytes, int offset, int length) {
    mac.update(bytes, offset, length);
  }

  /** Returns the digest of all bytes so far. No more bytes may follow. */
  byte[] digest() {
    if (digest.length == 0) {
      digest = mac.doFinal();
    }
    return digest;
  }

  boolean matches(byte[] signature) {
    return MessageDigest.isEqual(digest(), signature);
  }

  /** Returns a text without the secret. */
  @Override
  public String toString() {
    return mac.getAlgorithm();
  }
}
