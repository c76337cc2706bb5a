package dev.profilepic.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

/** A wrong value stops the start, and the message names the setting to change. */
class WrongSettingsTest {

  private final ApplicationContextRunner service =
      new ApplicationContextRunner()
          .withInitializer(new ConfigDataApplicationContextInitializer())
          .withUserConfiguration(Settings.class, SecretsCheck.class, FormerNames.class)
          .withPropertyValues(
              "PROFILE_PIC_AVATARS_SIGNING_SECRET=a-secret-of-enough-length",
              "PROFILE_PIC_ERASURE_KEY=a-key-of-enough-length",
              "PROFILE_PIC_AVATARS_BASE_URL=https://photos.example");

  @Configuration(proxyBeanMethods = false)
  @ConfigurationPropertiesScan({"dev.profilepic.receiver", "dev.profilepic.contract"})
  static class Settings {}

  @Test
  void theRightOnesStart() {
    service.run(context -> assertThat(context).hasNotFailed());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "profile-pic.phone.default-region=XX | profile-pic.phone.default-region must be the ISO 3166 code",
        "profile-pic.avatars.base-url=photos.example | profile-pic.avatars.base-url must be an http or https url",
        "profile-pic.auth.allowed-origins=https://crm.example/app | profile-pic.auth.allowed-origins must be origins",
        "profile-pic.avatars.sending.in-flight=1KB | profile-pic.avatars.sending.in-flight must be at least 256KB",
        "profile-pic.erasure.key=short | profile-pic.erasure.key must have at least 16",
        "profile-pic.avatars.signing-secret=short | profile-pic.avatars.signing-secret must have at least 16",
        "profile-pic.picture-urls.allowed-hosts=https://x.example/ | profile-pic.picture-urls.allowed-hosts must be host names",
        "profile-pic.picture-urls.trusted-origins=http://127.0.0.1:3002/ | profile-pic.picture-urls.trusted-origins must be origins",
        "profile-pic.default-instance=a b | profile-pic.default-instance must be 1 to 64",
        "profile-pic.worker.pace-per-minute=0 | pacePerMinute",
        "profile-pic.syncs.default-instance=a | profile-pic.syncs.default-instance is called profile-pic.default-instance now",
        "profile-pic.syncs.pace-per-minute=60 | profile-pic.syncs.pace-per-minute is called profile-pic.worker.pace-per-minute now",
        "profile-pic.body-limit.standard=0 | profile-pic.body-limit.standard must be between 1KB and 64MB",
        "profile-pic.body-limit.bulk=3GB | profile-pic.body-limit.bulk must be between 1KB and 64MB",
        "profile-pic.database.patience=10s | patience",
        "profile-pic.webhooks.secrets.evolution=short | profile-pic.webhooks.secrets.evolution must"
      })
  void aWrongValueIsNamedWithWhatItMustBe(String setting, String message) {
    service
        .withPropertyValues(setting)
        .run(context -> {
          assertThat(context).hasFailed();
          var report = new StringWriter();
          Objects.requireNonNull(context.getStartupFailure())
              .printStackTrace(new PrintWriter(report));
          assertThat(report.toString()).contains(message);
        });
  }

  @ParameterizedTest
  @CsvSource({
    "profile-pic.avatars.signing-secret, local-avatar-signing-secret",
    "profile-pic.auth.bootstrap-key, local-dev-key",
    "profile-pic.webhooks.secrets.baileys, whsec_bG9jYWwtd2ViaG9vay1zZWNyZXQtZm9yLWJpbi11cA==",
    "profile-pic.webhooks.secrets.whatsapp-web, local-webhook-secret-for-bin-up",
    "profile-pic.webhooks.secrets.waha, whsec_bG9jYWwtd2ViaG9vay1zZWNyZXQtZm9yLWJpbi11cA",
    "profile-pic.webhooks.secrets.evolution, whsec_bG9jYWwtd2ViaG9vay1zZWNyZXQtZm9yLWJpbi11cA==",
    "profile-pic.webhooks.former-secrets.baileys, whsec_bG9jYWwtd2ViaG9vay1zZWNyZXQtZm9yLWJpbi11cA==",
    "profile-pic.webhooks.former-secrets.whatsapp-web, local-webhook-secret-for-bin-up",
    "profile-pic.webhooks.former-secrets.waha, whsec_bG9jYWwtd2ViaG9vay1zZWNyZXQtZm9yLWJpbi11cA",
    "profile-pic.webhooks.former-secrets.evolution, whsec_bG9jYWwtd2ViaG9vay1zZWNyZXQtZm9yLWJpbi11cA=="
  })
  void noSecretOfLocalModeIsTakenOutsideIt(String property, String secret) {
    service
        .withPropertyValues(property + "=" + secret)
        .run(context -> {
          assertThat(context).hasFailed();
          assertThat(context.getStartupFailure())
              .rootCause()
              .hasMessageContaining(property + " is the secret of local mode")
              .hasMessageNotContaining(secret);
        });
  }
}
