package dev.profilepic.receiver.auth;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The secrets that webhooks are signed with. A kind without a secret needs a key.
 *
 * @param secrets by {@code whatsapp-web}, {@code baileys}, {@code waha}, {@code evolution}, {@code
 *     wuzapi}, for any instance; an empty secret counts as not set
 * @param formerSecrets earlier secrets that stay valid while {@code secrets} are being replaced, by
 *     kind
 * @param signers secrets of single instances
 */
@ConfigurationProperties("profile-pic.webhooks")
record WebhookSecrets(
    @DefaultValue Map<String, String> secrets,
    @DefaultValue Map<String, String> formerSecrets,
    @DefaultValue List<Signer> signers) {

  private static final Set<String> KINDS =
      Set.of("whatsapp-web", "baileys", "waha", "evolution", "wuzapi");
  private static final int SHORTEST = 16;

  /**
   * A sender with a separate secret.
   *
   * @param instances the only instances that the sender may name
   * @param formerSecret an earlier secret that stays valid while {@code secret} is being replaced
   */
  record Signer(
      String kind,
      @DefaultValue List<String> instances,
      String secret,
      @Nullable String formerSecret) {

    @Override
    public String toString() {
      return "Signer[" + kind + " " + instances + "]";
    }
  }

  /**
   * A secret that is valid now.
   *
   * @param instances that its sender may name; empty means any
   */
  record Secret(String kind, Set<String> instances, String text) {

    @Override
    public String toString() {
      return "Secret[" + kind + " " + instances + "]";
    }
  }

  WebhookSecrets {
    secrets = Map.copyOf(secrets);
    formerSecrets = Map.copyOf(formerSecrets);
    signers = List.copyOf(signers);
    secrets.forEach((kind, secret) -> check("secrets." + kind, kind, secret));
    formerSecrets.forEach((kind, secret) -> check("former-secrets." + kind, kind, secret));
    for (int i = 0; i < signers.size(); i++) {
      var signer = signers.get(i);
      check("signers[" + i + "].secret", signer.kind(), signer.secret());
      check("signers[" + i + "].former-secret", signer.kind(), signer.formerSecret());
      if (signer.secret().isBlank() || signer.instances().isEmpty()) {
        throw new IllegalArgumentException(
            "profile-pic.webhooks.signers[" + i + "] must have a secret and at least one instance");
      }
    }
  }

  /** Returns the secrets that webhooks of these kinds may be signed with. */
  List<Secret> of(Collection<String> kinds) {
    var found = new ArrayList<Secret>();
    for (var kind : kinds) {
      add(found, kind, Set.of(), secrets.get(kind));
      add(found, kind, Set.of(), formerSecrets.get(kind));
    }
    for (var signer : signers) {
      if (kinds.contains(signer.kind())) {
        add(found, signer.kind(), Set.copyOf(signer.instances()), signer.secret());
        add(found, signer.kind(), Set.copyOf(signer.instances()), signer.formerSecret());
      }
    }
    return found;
  }

  private static void add(
      List<Secret> found, String kind, Set<String> instances, @Nullable String secret) {
    if (secret != null && !secret.isBlank()) {
      found.add(new Secret(kind, instances, secret));
    }
  }

  private static void check(String property, String kind, @Nullable String secret) {
    if (!KINDS.contains(kind)
        || (secret != null && !secret.isBlank() && secret.length() < SHORTEST)) {
      throw new IllegalArgumentException(
          "profile-pic.webhooks."
              + property
              + " must be for one of "
              + KINDS
              + " and have at least "
              + SHORTEST
              + " characters");
    }
  }

  /** Returns a text without the secrets. */
  @Override
  public String toString() {
    return "WebhookSecrets" + secrets.keySet() + signers;
  }
}
