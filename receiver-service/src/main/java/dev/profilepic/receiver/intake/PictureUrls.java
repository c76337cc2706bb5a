package dev.profilepic.receiver.intake;

import dev.profilepic.contract.PictureUrlPolicy;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which picture urls are taken.
 *
 * @param allowedHosts host names, {@code *.} in front meaning any subdomain
 * @param trustedOrigins origins that are exempt (local mode's CDN)
 */
@ConfigurationProperties("profile-pic.picture-urls")
public record PictureUrls(
    @DefaultValue("*.whatsapp.net") List<String> allowedHosts,
    @DefaultValue List<String> trustedOrigins) {

  /** The rules that receiver and worker share. */
  public PictureUrlPolicy policy() {
    return new PictureUrlPolicy(allowedHosts, trustedOrigins);
  }
}
