package dev.profilepic.contract;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
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
          "local-webhook-secret-for-bin-up",
          "local mode: this key is not safe");

  private PublicSecrets() {}

  /**
   * @param secret as text, or in base64 with or without the prefix of Standard Webhooks
   */
  public static boolean contains(String secret) {
    var text = secret.strip();
    return KNOWN.contains(text)
        || KNOWN.contains(decoded(text.startsWith("whsec_") ? text.substring(6) : text));
  }

  private static String decoded(String base64) {
    try {
      return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException plainText) {
      return "";
    }
  }
}
