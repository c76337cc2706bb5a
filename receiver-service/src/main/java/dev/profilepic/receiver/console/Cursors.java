package dev.profilepic.receiver.console;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.avatars.Avatars;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The places at which long lists go on. A place is the id of the lead that was read last, and that
 * lead may belong to another tenant: a caller who is bound to instances gets the place sealed. The
 * key is made of the secret that signs links to photos, so all replicas open each other's places.
 */
@Component
class Cursors {

  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int NONCE = 12;
  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;
  private final SecureRandom random = new SecureRandom();

  Cursors(Avatars avatars) {
    this.key = key(avatars.signingSecret());
  }

  /** Returns a place as the caller may see it. */
  @Nullable String show(Caller caller, @Nullable String place) {
    return place == null || !caller.isBound() ? place : seal(caller, place);
  }

  /** Returns the place that was shown to this caller; null for a place that was not. */
  @Nullable String read(Caller caller, @Nullable String shown) {
    return shown == null || !caller.isBound() ? shown : open(caller, shown);
  }

  private String seal(Caller caller, String place) {
    var nonce = new byte[NONCE];
    random.nextBytes(nonce);
    try {
      var sealed =
          cipher(Cipher.ENCRYPT_MODE, caller, nonce)
              .doFinal(place.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              ByteBuffer.allocate(NONCE + sealed.length).put(nonce).put(sealed).array());
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every Java has " + CIPHER, impossible);
    }
  }

  private @Nullable String open(Caller caller, String shown) {
    try {
      var bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(shown));
      if (bytes.remaining() <= NONCE) {
        return null;
      }
      var nonce = new byte[NONCE];
      bytes.get(nonce);
      var sealed = new byte[bytes.remaining()];
      bytes.get(sealed);
      return new String(
          cipher(Cipher.DECRYPT_MODE, caller, nonce).doFinal(sealed), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException | GeneralSecurityException notOurs) {
      return null;
    }
  }

  /** A place belongs to the instances for which it was sealed. */
  private Cipher cipher(int mode, Caller caller, byte[] nonce) throws GeneralSecurityException {
    var cipher = Cipher.getInstance(CIPHER);
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(String.valueOf(caller.boundTo()).getBytes(StandardCharsets.UTF_8));
    return cipher;
  }

  private static SecretKeySpec key(String secret) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return new SecretKeySpec(
          mac.doFinal("places in the console's lists".getBytes(StandardCharsets.UTF_8)), "AES");
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every Java has HmacSHA256", impossible);
    }
  }
}
