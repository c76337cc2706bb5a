package dev.profilepic.contract;

import java.util.Set;

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

  public static boolean contains(String secret) {
    return KNOWN.contains(secret);
  }
}
