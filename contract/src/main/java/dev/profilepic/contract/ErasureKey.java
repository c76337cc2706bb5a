package dev.profilepic.contract;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret by which people are known who asked to be forgotten: the database holds a keyed hash
 * of their phone and no phone. Receiver and worker have the same; with another one nobody is known
 * any more.
 */
public final class ErasureKey {

  private static final int SHORTEST_SECRET = 16;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final SecretKeySpec digests;
  private final SecretKeySpec seals;

  /**
   * @param secret at least 16 characters
   */
  public ErasureKey(String secret) {
    // Not an annotation where it is configured: the report of a failed one would print the secret.
    if (secret.length() < SHORTEST_SECRET) {
      throw new IllegalArgumentException(
          "profile-pic.erasure.key must have at least "
              + SHORTEST_SECRET
              + " characters, the same for receiver and worker; set PROFILE_PIC_ERASURE_KEY");
    }
    var root = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    this.digests = new SecretKeySpec(hmac(root, "phone digests"), "HmacSHA256");
    this.seals = new SecretKeySpec(hmac(root, "sealed people"), "AES");
  }

  /** The keyed hash of a phone (HMAC-SHA256, hex): the same for all spellings of one number. */
  public String digest(PhoneNumber phone) {
    return HexFormat.of().formatHex(hmac(digests, phone.key()));
  }

  /** Encrypts a text (AES-256-GCM): a random nonce, then text and tag. */
  public byte[] seal(String text) {
    var nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    try {
      var sealed =
          cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(text.getBytes(StandardCharsets.UTF_8));
      var all = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
      System.arraycopy(sealed, 0, all, NONCE_BYTES, sealed.length);
      return all;
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /**
   * @throws GeneralSecurityException when it was sealed with another key, or changed since
   */
  public String open(byte[] sealed) throws GeneralSecurityException {
    if (sealed.length < NONCE_BYTES) {
      throw new GeneralSecurityException("too short");
    }
    var text =
        cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(sealed, NONCE_BYTES))
            .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
    return new String(text, StandardCharsets.UTF_8);
  }

  private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
    var cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, seals, new GCMParameterSpec(TAG_BITS, nonce));
    return cipher;
  }

  private static byte[] hmac(SecretKeySpec key, String text) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
