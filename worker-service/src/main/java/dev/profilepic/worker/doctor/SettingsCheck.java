package dev.profilepic.worker.doctor;

import dev.profilepic.contract.PublicSecrets;
import dev.profilepic.contract.SourceCredentials;
import java.util.List;
import java.util.function.Function;

/** Checks that the secrets and urls that services need to start are set, and not publicly known. */
final class SettingsCheck implements Check {

  /**
   * A secret.
   *
   * @param shortest the least number of characters
   */
  private record Secret(
      String variable, boolean required, int shortest, Function<Settings, String> value) {

    Secret(String variable, String property, boolean required, int shortest) {
      this(variable, required, shortest, settings -> settings.text(property));
    }

    String of(Settings settings) {
      return value.apply(settings);
    }

    @Override
    public String toString() {
      return variable;
    }
  }

  private static final List<Secret> SECRETS =
      List.of(
          new Secret(
              "PROFILE_PIC_AVATARS_SIGNING_SECRET", "profile-pic.avatars.signing-secret", true, 16),
          new Secret("PROFILE_PIC_ERASURE_KEY", "profile-pic.erasure.key", true, 16),
          new Secret("PROFILE_PIC_BRIDGE_TOKEN", "profile-pic.bridge.token", false, 1),
          new Secret("PROFILE_PIC_BOOTSTRAP_KEY", false, 24, Settings::bootstrapKeyOutsideLocal),
          new Secret("PROFILE_PIC_WEBHOOK_SECRET_BAILEYS", false, 16, Settings::webhookSecret));

  @Override
  public String name() {
    return "settings";
  }

  @Override
  public Need need() {
    return Need.NOTHING;
  }

  @Override
  public void look(Setup setup, Notes notes) {
    var settings = setup.settings();
    if (settings.baseUrl().isEmpty()) {
      notes.problem(
          "PROFILE_PIC_AVATARS_BASE_URL is not set",
          "Set it to the address under which browsers and the CRM reach the receiver.");
    }
    for (var secret : SECRETS) {
      var value = secret.of(settings);
      if (value.isEmpty()) {
        if (secret.required()) {
          notes.problem(
              secret.variable() + " is not set",
              "Set it to a secret of your own: openssl rand -base64 32");
        }
      } else if (!settings.isLocal() && isPublic(secret.variable(), value)) {
        notes.problem(
            secret.variable() + " is the secret of local mode, which everybody knows",
            "Set it to a secret of your own: openssl rand -base64 32");
      } else if (value.length() < secret.shortest()) {
        notes.problem(
            secret.variable() + " has less than " + secret.shortest() + " characters",
            "Set it to a longer one, the same for receiver and worker: openssl rand -base64 32");
      }
    }
    if (!SourceCredentials.isUsable(settings.text("profile-pic.sources.key"))) {
      notes.problem("PROFILE_PIC_SOURCES_KEY is no key", "It " + SourceCredentials.RULE + ".");
    }
    notes.okIfNothingElse(
        settings.isLocal()
            ? "local mode, its secrets are public"
            : "secrets are set, none is public");
  }

  private static boolean isPublic(String variable, String value) {
    try {
      PublicSecrets.refuse(List.of(variable), name -> value);
      return false;
    } catch (IllegalStateException known) {
      return true;
    }
  }
}
