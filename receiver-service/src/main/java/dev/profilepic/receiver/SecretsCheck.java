package dev.profilepic.receiver;

import dev.profilepic.contract.PublicSecrets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;
import org.springframework.stereotype.Component;

/** Refuses to start outside local mode with a secret of local mode. */
@Component
final class SecretsCheck {

  /** More signers than any installation has. */
  private static final int SIGNERS = 1_000;

  /**
   * @throws IllegalStateException whose message names the property, and never its value
   */
  SecretsCheck(Environment environment) {
    if (!environment.acceptsProfiles(Profiles.of("local"))) {
      PublicSecrets.refuse(secrets(environment), environment::getProperty);
    }
  }

  private static List<String> secrets(Environment environment) {
    var byKind =
        Stream.of("whatsapp-web", "baileys", "waha", "evolution", "wuzapi")
            .flatMap(kind -> Stream.of("secrets." + kind, "former-secrets." + kind));
    var signers =
        IntStream.range(0, SIGNERS)
            .mapToObj("signers[%d]."::formatted)
            .takeWhile(
                signer -> environment.containsProperty("profile-pic.webhooks." + signer + "secret"))
            .flatMap(signer -> Stream.of(signer + "secret", signer + "former-secret"));
    return Stream.concat(
            Stream.of(
                "profile-pic.avatars.signing-secret",
                "profile-pic.avatars.former-signing-secret",
                "profile-pic.auth.bootstrap-key",
                "profile-pic.erasure.key",
                "profile-pic.sources.key"),
            Stream.concat(byKind, signers).map("profile-pic.webhooks."::concat))
        .toList();
  }
}
