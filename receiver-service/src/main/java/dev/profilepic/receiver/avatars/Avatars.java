package dev.profilepic.receiver.avatars;

import dev.profilepic.contract.AvatarLink;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * Where photos are reached.
 *
 * @param signingSecret signs their links; the same for receiver and worker; has no default
 * @param formerSigningSecret signed them before and is valid besides, while the other takes its
 *     place; null outside of that
 * @param linkLifetime of links, the same for receiver and worker; null for links without an end
 * @param baseUrl the receiver as whoever shows the photos reaches it
 */
@Validated
@ConfigurationProperties("profile-pic.avatars")
public record Avatars(
    String signingSecret,
    @Nullable String formerSigningSecret,
    @Nullable @DurationMin(days = 1) Duration linkLifetime,
    @NotNull(message = "is required; set PROFILE_PIC_AVATARS_BASE_URL") URI baseUrl) {

  private static final int SHORTEST_SECRET = 16;

  public Avatars {
    check(signingSecret, "signing-secret", "PROFILE_PIC_AVATARS_SIGNING_SECRET");
    if (formerSigningSecret != null && formerSigningSecret.isEmpty()) {
      formerSigningSecret = null;
    }
    if (formerSigningSecret != null) {
      check(
          formerSigningSecret,
          "former-signing-secret",
          "PROFILE_PIC_AVATARS_FORMER_SIGNING_SECRET");
    }
  }

  public AvatarLink links(InstantSource clock) {
    return new AvatarLink(
        baseUrl,
        formerSigningSecret == null
            ? List.of(signingSecret)
            : List.of(signingSecret, formerSigningSecret),
        linkLifetime,
        clock);
  }

  /** Not an annotation: the report of a failed one would print the secret. */
  private static void check(String secret, String property, String variable) {
    if (secret.length() < SHORTEST_SECRET) {
      throw new IllegalArgumentException(
          "profile-pic.avatars."
              + property
              + " must have at least "
              + SHORTEST_SECRET
              + " characters; set "
              + variable);
    }
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return "Avatars[baseUrl=" + baseUrl + "]";
  }
}
