package dev.profilepic.contract;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Links to avatars: {@code {base}/avatars/{lead_id}?v={content}&k={key}&g={generation}&e={expiry}
 * &sig={signature}}. Photos are personal data, so a link cannot be guessed. The worker writes these
 * links into the CRM, the receiver checks them.
 *
 * <ul>
 *   <li>{@code v} changes with the photo, so that a cache by url fetches the new photo; not signed
 *   <li>{@code k} names the secret that signed the link
 *   <li>{@code g} is the lead's generation: links of earlier generations are revoked. It is left
 *       out when it is 0
 *   <li>{@code e} is the end of the link, in epoch seconds. It is left out where links have no
 *       lifetime
 *   <li>{@code sig} is the HMAC-SHA256 of the lead's id, generation and expiry. Links without
 *       {@code k} were made before secrets had names; their signature covers the lead's id alone
 * </ul>
 */
public final class AvatarLink {

  /** The rule for a base url, for the end of a sentence that names the property. */
  public static final String BASE_URL_RULE =
      "must be an http or https url (PROFILE_PIC_AVATARS_BASE_URL)";

  private static final int VERSION_LENGTH = 12;
  private static final int KEY_ID_LENGTH = 6;
  // The id of a lead contains no NUL, so no text signed here can equal a lead's id.
  private static final String KEY_ID_TEXT = "\0key id";
  private static final Pattern GENERATION = Pattern.compile("[0-9]{1,9}");
  private static final Pattern EXPIRY = Pattern.compile("[0-9]{1,12}");

  /**
   * The parts of a link; null where the link lacks them.
   *
   * @param signature {@code sig}
   * @param keyId {@code k}
   * @param generation {@code g}
   * @param expiry {@code e}
   */
  public record Presented(
      String signature,
      @Nullable String keyId,
      @Nullable String generation,
      @Nullable String expiry) {}

  private record Secret(String id, HmacSha256 key) {}

  private final String baseUrl;
  private final List<Secret> secrets;
  private final @Nullable Duration lifetime;
  private final InstantSource clock;

  /** Returns whether links can begin with this url. */
  public static boolean isBaseUrl(URI url) {
    return UrlHost.of(url) != null && List.of("http", "https").contains(url.getScheme());
  }

  /**
   * @param baseUrl the receiver's url for the people who look at photos
   * @param secrets the secret that signs, then the other secrets that are still valid; at least 16
   *     characters each
   * @param lifetime of a link, which may last up to half as long again; null for links without an
   *     end
   */
  public AvatarLink(
      URI baseUrl, List<String> secrets, @Nullable Duration lifetime, InstantSource clock) {
    this.baseUrl = baseUrl.toString().replaceFirst("/+$", "");
    this.secrets = secrets.stream().map(AvatarLink::secret).toList();
    this.lifetime = lifetime;
    this.clock = clock;
  }

  /**
   * @param leadId canonical id of the lead
   * @param generation of the lead's links
   * @param sha256 hex digest of the photo's bytes
   */
  public String to(String leadId, int generation, String sha256) {
    return baseUrl + path(leadId, generation, sha256);
  }

  /** Returns the link without the base url, for pages that the receiver itself serves. */
  public String path(String leadId, int generation, String sha256) {
    var id = PathSegment.of(leadId);
    var secret = secrets.getFirst();
    var expiry = expiry();
    return "/avatars/"
        + id
        + "?v="
        + sha256.substring(0, VERSION_LENGTH)
        + "&k="
        + secret.id()
        + (generation == 0 ? "" : "&g=" + generation)
        + (expiry.isEmpty() ? "" : "&e=" + expiry)
        + "&sig="
        + signature(secret.key(), signed(leadId, generation, expiry));
  }

  /**
   * Returns the generation that a link was made for; empty when the link is not signed for this
   * lead, or has ended. The comparison takes constant time.
   */
  public OptionalInt generationOf(String leadId, Presented link) {
    var generation = link.generation() == null ? "0" : link.generation();
    var expiry = link.expiry() == null ? "" : link.expiry();
    if (!GENERATION.matcher(generation).matches() || hasEnded(expiry)) {
      return OptionalInt.empty();
    }
    int number = Integer.parseInt(generation);
    boolean old = link.keyId() == null;
    if (old && (number != 0 || !expiry.isEmpty())) {
      return OptionalInt.empty();
    }
    var text = old ? leadId : signed(leadId, number, expiry);
    boolean signed =
        secrets.stream()
            .filter(secret -> old || secret.id().equals(link.keyId()))
            .anyMatch(secret -> isEqual(signature(secret.key(), text), link.signature()));
    return signed ? OptionalInt.of(number) : OptionalInt.empty();
  }

  /**
   * Returns the end of a new link. It moves in steps of half a lifetime, so that links made shortly
   * after one another are the same.
   */
  private String expiry() {
    if (lifetime == null) {
      return "";
    }
    long step = Math.max(1, lifetime.toSeconds() / 2);
    return Long.toString((clock.instant().getEpochSecond() / step + 3) * step);
  }

  private boolean hasEnded(String expiry) {
    return !expiry.isEmpty()
        && (!EXPIRY.matcher(expiry).matches()
            || Long.parseLong(expiry) <= clock.instant().getEpochSecond());
  }

  private static String signed(String leadId, int generation, String expiry) {
    return leadId + "\0" + generation + "\0" + expiry;
  }

  private static boolean isEqual(String expected, String presented) {
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.US_ASCII), presented.getBytes(StandardCharsets.UTF_8));
  }

  private static Secret secret(String secret) {
    SharedSecret.check(
        secret, "profile-pic.avatars.signing-secret", "PROFILE_PIC_AVATARS_SIGNING_SECRET");
    var key = new HmacSha256(secret.getBytes(StandardCharsets.UTF_8));
    return new Secret(signature(key, KEY_ID_TEXT).substring(0, KEY_ID_LENGTH), key);
  }

  private static String signature(HmacSha256 key, String text) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(key.of(text));
  }
}
