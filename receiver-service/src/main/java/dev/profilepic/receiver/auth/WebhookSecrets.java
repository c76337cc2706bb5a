package dev.profilepic.receiver.auth;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What webhooks are signed with, by kind. A kind without a secret is authenticated by key only.
 *
 * @param secrets by {@code whatsapp-web}, {@code baileys}, {@code waha}, {@code evolution}; empty
 *     ones count as not set
 */
@ConfigurationProperties("profile-pic.webhooks")
record WebhookSecrets(@DefaultValue Map<String, String> secrets) {

  private static final Set<String> KINDS = Set.of("whatsapp-web", "baileys", "waha", "evolution");
  private static final int SHORTEST = 16;

  WebhookSecrets {
    secrets =
        secrets.entrySet().stream()
            .filter(secret -> !secret.getValue().isBlank())
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    secrets.forEach((kind, secret) -> {
      if (!KINDS.contains(kind) || secret.length() < SHORTEST) {
        throw new IllegalArgumentException(
            "profile-pic.webhooks.secrets."
                + kind
                + " must be for one of "
                + KINDS
                + " and have at least "
                + SHORTEST
                + " characters");
      }
    });
  }

  @Nullable String of(String kind) {
    return secrets.get(kind);
  }

  /** Never the secrets. */
  @Override
  public String toString() {
    return "WebhookSecrets" + secrets.keySet();
  }
}
