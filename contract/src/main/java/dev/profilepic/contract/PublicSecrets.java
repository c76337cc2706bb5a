package dev.profilepic.contract;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of local mode. They stand in this repository, so everybody knows them: outside local
 * mode a service that is given one of them refuses to start.
 */
public final class PublicSecrets {

  private static final Set<String> KNOWN =
      Set.of(
          "local-avatar-signing-secret",
          "local-bridge-token",
          "local-dev-key",
          "local-erasure-key",
          "whsec_bG9jYWwtd2ViaG9vay1zZWNyZXQtZm9yLWJpbi11cA==");

  private PublicSecrets() {}

  /**
   * Refuses to go on with one of them.
   *
   * @param properties the properties that hold secrets
   * @param configured what a property is set to; null where it is not
   * @throws IllegalStateException names the property, and never its value
   */
  public static void refuse(
      List<String> properties, Function<String, @Nullable String> configured) {
    for (var property : properties) {
      var secret = configured.apply(property);
      if (secret != null && KNOWN.contains(secret)) {
        throw new IllegalStateException(
            property
                + " is the secret of local mode, which everybody knows: set one of your own, for"
                + " example with: openssl rand -base64 32");
      }
    }
  }
}
