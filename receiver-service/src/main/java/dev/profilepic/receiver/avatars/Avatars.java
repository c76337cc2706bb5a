package dev.profilepic.receiver.avatars;

import dev.profilepic.contract.AvatarLink;
import dev.profilepic.contract.SharedSecret;
import jakarta.validation.constraints.AssertTrue;
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
 * Settings of the links to photos.
 *
 * @param signingSecret signs the links; the same for receiver and worker; has no default
 * @param formerSigningSecret the earlier secret, which stays valid while {@code signingSecret}
 *     replaces it; null at other times
 * @param linkLifetime of links, the same for receiver and worker; null for links without an end
 * @param baseUrl url at which the people who look at photos reach the receiver
 */
@Validated
@ConfigurationProperties("profile-pic.avatars")
public record Avatars(
    String signingSecret,
    @Nullable String formerSigningSecret,
    @Nullable @DurationMin(days = 1) Duration linkLifetime,
    @NotNull(message = "is required; set PROFILE_PIC_AVATARS_BASE_URL") URI baseUrl) {

  public Avatars {
    SharedSecret.check(
        signingSecret, "profile-pic.avatars.signing-secret", "PROFILE_PIC_AVATARS_SIGNING_SECRET");
    if (formerSigningSecret != null && formerSigningSecret.isEmpty()) {
      formerSigningSecret = null;
    }
    if (formerSigningSecret != null) {
      SharedSecret.check(
          formerSigningSecret,
          "profile-pic.avatars.former-signing-secret",
          "PROFILE_PIC_AVATARS_FORMER_SIGNING_SECRET");
    }
  }

  @AssertTrue(message = "profile-pic.avatars.base-url " + AvatarLink.BASE_URL_RULE) boolean isBaseUrlUsable() {
    return baseUrl == null || AvatarLink.isBaseUrl(baseUrl);
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

  /** Returns a text without the secret. */
  @Override
  public String toString() {
    return "Avatars[baseUrl=" + baseUrl + "]";
  }
}
