package dev.profilepic.worker;

import dev.profilepic.contract.PublicSecrets;
import java.util.List;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;
import org.springframework.stereotype.Component;

/** Refuses to start outside local mode with a secret of local mode. */
@Component
final class SecretsCheck {

  private static final List<String> SECRETS =
      List.of(
          "profile-pic.avatars.signing-secret",
          "profile-pic.bridge.token",
          "profile-pic.erasure.key",
          "profile-pic.sources.key");

  /**
   * @throws IllegalStateException names the property, and never its value
   */
  SecretsCheck(Environment environment) {
    if (!environment.acceptsProfiles(Profiles.of("local"))) {
      PublicSecrets.refuse(SECRETS, environment::getProperty);
    }
  }
}
