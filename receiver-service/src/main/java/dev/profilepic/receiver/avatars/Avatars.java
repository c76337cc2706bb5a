package dev.profilepic.receiver.avatars;

import dev.profilepic.contract.AvatarLink;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
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
    @NotNull(message = "is required") @Size(
            min = 16,
            message = "must have at least 16 characters; set PROFILE_PIC_AVATARS_SIGNING_SECRET")
        String signingSecret,
    @NotNull(message = "is required; set PROFILE_PIC_AVATARS_BASE_URL") URI baseUrl) {

  public AvatarLink links() {
    return new AvatarLink(baseUrl, signingSecret);
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return "Avatars[baseUrl=" + baseUrl + "]";
  }
}
