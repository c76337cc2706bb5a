package dev.profilepic.contract;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The secret that recognises people who asked to be forgotten. The database holds a keyed hash of
 * their phone, never the phone itself. Receiver and worker have the same secret. With another
 * secret these people are no longer recognised.
 */
@ConfigurationProperties("profile-pic.erasure")
public final class ErasureKey {

  private static final byte[] NO_CONTEXT = {};

  private final HmacSha256 digests;
  private final AesGcm seals;

  /**
   * @param key at least 16 characters
   */
  public ErasureKey(String key) {
    SharedSecret.check(key, "profile-pic.erasure.key", "PROFILE_PIC_ERASURE_KEY");
    var root = new HmacSha256(key.getBytes(StandardCharsets.UTF_8));
    this.digests = new HmacSha256(root.of("phone digests"));
    this.seals = new AesGcm(root.of("sealed people"));
  }

  /**
   * Returns the keyed hash of a phone (HMAC-SHA256, hex). It is the same for all spellings of a
   * number.
   */
  public String digest(PhoneNumber phone) {
    return HexFormat.of().formatHex(digests.of(phone.key()));
  }

  /** Encrypts a text (AES-256-GCM). The result is a random nonce, then text and tag. */
  public byte[] seal(String text) {
    return seals.seal(text.getBytes(StandardCharsets.UTF_8), NO_CONTEXT);
  }

  /**
   * @throws GeneralSecurityException when the text was sealed with another key, or was changed
   */
  public String open(byte[] sealed) throws GeneralSecurityException {
    return new String(seals.open(sealed, NO_CONTEXT), StandardCharsets.UTF_8);
  }
}
