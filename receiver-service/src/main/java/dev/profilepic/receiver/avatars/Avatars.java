package dev.profilepic.receiver.avatars;

import dev.profilepic.contract.AvatarLink;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * Where photos are reached.
 *
 * @param signingSecret signs their links; the same for receiver and worker; has no default
 * @param baseUrl the receiver as whoever shows the photos reaches it
 */
@Validated
@ConfigurationProperties("profile-pic.avatars")
public record Avatars(
    String signingSecret,
    @NotNull(message = "is required; set PROFILE_PIC_AVATARS_BASE_URL") URI baseUrl) {

  private static final int SHORTEST_SECRET = 16;

  public Avatars {
    // Not an annotation: the report of a failed one would print the secret.
    if (signingSecret.length() < SHORTEST_SECRET) {
      throw new IllegalArgumentException(
          "profile-pic.avatars.signing-secret must have at least "
              + SHORTEST_SECRET
              + " characters; set PROFILE_PIC_AVATARS_SIGNING_SECRET");
    }
  }

  public AvatarLink links() {
    return new AvatarLink(baseUrl, signingSecret);
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return "Avatars[baseUrl=" + baseUrl + "]";
  }
}
