package dev.profilepic.contract;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Links to avatars: {@code {base}/avatars/{lead_id}?v={content}&sig={signature}}. Photos are
 * personal data, so a link cannot be guessed: {@code sig} is the HMAC-SHA256 of the lead's id.
 * {@code v} changes with the photo, so that whoever caches by url sees the new one. The worker
 * writes these links into the CRM, the receiver checks them.
 */
public final class AvatarLink {

  private static final String ALGORITHM = "HmacSHA256";
  private static final int SHORTEST_SECRET = 16;
  private static final int VERSION_LENGTH = 12;

  private final String baseUrl;
  private final SecretKeySpec key;

  /**
   * @param baseUrl where the receiver is reached by whoever shows the photos
   * @param secret at least 16 characters, the same for receiver and worker
   */
  public AvatarLink(URI baseUrl, String secret) {
    if (secret.length() < SHORTEST_SECRET) {
      throw new IllegalArgumentException(
          "profile-pic.avatars.signing-secret must have at least "
              + SHORTEST_SECRET
              + " characters");
    }
    this.baseUrl = baseUrl.toString().replaceFirst("/+$", "");
    this.key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
  }

  /**
   * @param leadId canonical id of the lead
   * @param sha256 hex digest of the photo's bytes
   */
  public String to(String leadId, String sha256) {
    var id = URLEncoder.encode(leadId, StandardCharsets.UTF_8).replace("+", "%20");
    return baseUrl
        + "/avatars/"
        + id
        + "?v="
        + sha256.substring(0, VERSION_LENGTH)
        + "&sig="
        + signature(leadId);
  }

  /** Whether the signature belongs to the lead, decided in constant time. */
  public boolean isSignedFor(String leadId, String signature) {
    return MessageDigest.isEqual(
        signature(leadId).getBytes(StandardCharsets.US_ASCII),
        signature.getBytes(StandardCharsets.UTF_8));
  }

  private String signature(String leadId) {
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(mac.doFinal(leadId.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every Java has " + ALGORITHM, impossible);
    }
  }
}
