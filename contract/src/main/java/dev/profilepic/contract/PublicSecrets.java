package dev.profilepic.contract;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of local mode. They are in this repository, so they are public. Outside local mode a
 * service refuses to start with them.
 */
public final class PublicSecrets {

  private static final Set<String> KNOWN =
      Set.of(
          "local-avatar-signing-secret",
          "local-bridge-token",
          "local-dev-key",
          "local-erasure-key",
          "bG9jYWwtc291cmNlcy1rZXktb2YtYmluLXVwLTMyYiE=",
          "local-webhook-secret-for-bin-up",
          "local mode: this key is not safe");

  private PublicSecrets() {}

  /**
   * Throws when a property holds one of these secrets.
   *
   * @param properties the properties that hold secrets
   * @param configured the value of a property; null where the property is not set
   * @throws IllegalStateException names the property, and never its value
   */
  public static void refuse(
      List<String> properties, Function<String, @Nullable String> configured) {
    for (var property : properties) {
      var secret = configured.apply(property);
      if (secret != null && isKnown(secret)) {
        throw new IllegalStateException(
            property
                + " is the secret of local mode, which everybody knows: set one of your own, for"
                + " example with: openssl rand -base64 32");
      }
    }
  }

  /**
   * Returns whether the secret is known, as text, or as base64 with or without the prefix of
   * Standard Webhooks.
   */
  private static boolean isKnown(String secret) {
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
