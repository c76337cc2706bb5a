package dev.profilepic.receiver.console;

import dev.profilepic.contract.AesGcm;
import dev.profilepic.contract.HmacSha256;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.avatars.Avatars;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The places at which long lists go on. A place is the id of the lead that was read last, and that
 * lead may belong to another tenant: a caller who is bound to instances gets the place sealed. The
 * key is made of the secret that signs links to photos, so all replicas open each other's places.
 */
@Component
class Cursors {

  private final AesGcm key;

  Cursors(Avatars avatars) {
    var secret = avatars.signingSecret().getBytes(StandardCharsets.UTF_8);
    this.key = new AesGcm(new HmacSha256(secret).of("places in the console's lists"));
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
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(key.seal(place.getBytes(StandardCharsets.UTF_8), instancesOf(caller)));
  }

  private @Nullable String open(Caller caller, String shown) {
    try {
      var place = key.open(Base64.getUrlDecoder().decode(shown), instancesOf(caller));
      return new String(place, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException | GeneralSecurityException notOurs) {
      return null;
    }
  }

  /** A place belongs to the instances for which it was sealed. */
  private static byte[] instancesOf(Caller caller) {
    return String.valueOf(caller.boundTo()).getBytes(StandardCharsets.UTF_8);
  }
}
