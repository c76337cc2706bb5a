package dev.profilepic.receiver.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.profilepic.receiver.auth.WebhookSecrets.Secret;
import dev.profilepic.receiver.auth.WebhookSecrets.Signer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The secrets that are valid for each kind of webhook, and the secrets that are rejected. */
class WebhookSecretsTest {

  private static final String SECRET = "a-secret-of-enough-length";
  private static final String FORMER = "a-former-secret-of-length";

  @Test
  void whileASecretIsReplacedBothCountForWhomTheyAreFor() {
    var secrets =
        new WebhookSecrets(
            Map.of("waha", SECRET, "baileys", "another-kinds-secret"),
            Map.of("waha", FORMER),
            List.of(
                new Signer("waha", List.of("vendas"), "the-secret-of-vendas", "its-former-secret"),
                new Signer("baileys", List.of("outra"), "the-secret-of-outra", null)));

    assertThat(secrets.of(List.of("waha")))
        .extracting(Secret::text, Secret::instances)
        .containsExactlyInAnyOrder(
            tuple(SECRET, Set.of()),
            tuple(FORMER, Set.of()),
            tuple("the-secret-of-vendas", Set.of("vendas")),
            tuple("its-former-secret", Set.of("vendas")));
  }

  /** A container may pass a variable without a value. */
  @Test
  void anEmptySecretIsNone() {
    var secrets =
        new WebhookSecrets(
            Map.of("waha", ""),
            Map.of("waha", " "),
            List.of(new Signer("baileys", List.of("vendas"), SECRET, "")));

    assertThat(secrets.of(List.of("waha"))).isEmpty();
    assertThat(secrets.of(List.of("baileys"))).extracting(Secret::text).containsExactly(SECRET);
  }

  @Test
  void aSecretThatSignsNothingOrIsTooShortIsNamedAndNotShown() {
    assertIsRefused("secrets.nobody", Map.of("nobody", SECRET), Map.of());
    assertIsRefused("secrets.waha", Map.of("waha", "a-short-secret"), Map.of());
    assertIsRefused("former-secrets.evolution", Map.of(), Map.of("evolution", "a-short-secret"));
    assertIsRefused(
        "signers[1]",
        new Signer("waha", List.of("vendas"), SECRET, null),
        new Signer("nobody", List.of("vendas"), SECRET, null));
    assertIsRefused(
        "signers[0].former-secret",
        new Signer("waha", List.of("vendas"), SECRET, "a-short-secret"));
    assertIsRefused("signers[0] must", new Signer("waha", List.of(), SECRET, null));
    assertIsRefused("signers[0] must", new Signer("waha", List.of("vendas"), " ", null));
  }

  @Test
  void aSecretHasAtLeastSixteenCharacters() {
    var shortest = new WebhookSecrets(Map.of("waha", "s".repeat(16)), Map.of(), List.of());

    assertThat(shortest.of(List.of("waha"))).hasSize(1);
    assertThatThrownBy(
            () -> new WebhookSecrets(Map.of("waha", "s".repeat(15)), Map.of(), List.of()))
        .hasMessageContaining("at least 16 characters");
  }

  @Test
  void noSecretIsInALog() {
    var signer = new Signer("waha", List.of("vendas"), SECRET, FORMER);
    var secrets = new WebhookSecrets(Map.of("waha", SECRET), Map.of(), List.of(signer));

    assertThat(secrets + " " + signer + " " + secrets.of(List.of("waha")))
        .contains("vendas")
        .doesNotContain(SECRET)
        .doesNotContain(FORMER);
  }

  private static void assertIsRefused(String named, Signer... signers) {
    assertThatThrownBy(() -> new WebhookSecrets(Map.of(), Map.of(), List.of(signers)))
        .hasMessageContaining("profile-pic.webhooks." + named)
        .hasMessageNotContaining(SECRET)
        .hasMessageNotContaining("a-short-secret");
  }

  private static void assertIsRefused(
      String named, Map<String, String> secrets, Map<String, String> former) {
    assertThatThrownBy(() -> new WebhookSecrets(secrets, former, List.of()))
        .hasMessageContaining("profile-pic.webhooks." + named)
        .hasMessageNotContaining(SECRET)
        .hasMessageNotContaining("a-short-secret");
  }
}
