package dev.profilepic.worker;

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

/** A wrong value stops the start, and the message tells the reader which setting to change. */
class WrongSettingsTest {

  private final ApplicationContextRunner service =
      new ApplicationContextRunner()
          .withInitializer(new ConfigDataApplicationContextInitializer())
          .withUserConfiguration(Settings.class, SecretsCheck.class)
          .withPropertyValues(
              "PROFILE_PIC_AVATARS_SIGNING_SECRET=a-secret-of-enough-length",
              "PROFILE_PIC_ERASURE_KEY=a-key-of-enough-length",
              "PROFILE_PIC_AVATARS_BASE_URL=https://photos.example",
              "PROFILE_PIC_BRIDGE_TOKEN=a-token");

  @Configuration(proxyBeanMethods = false)
  @ConfigurationPropertiesScan({"dev.profilepic.worker", "dev.profilepic.contract"})
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
        "profile-pic.phone.default-region=br | profile-pic.phone.default-region must be the ISO 3166 code",
        "profile-pic.erasure.key=short | profile-pic.erasure.key must have at least 16",
        "profile-pic.avatars.signing-secret=short | profile-pic.avatars.signing-secret must have at least 16",
        "profile-pic.avatars.base-url= | PROFILE_PIC_AVATARS_BASE_URL",
        "profile-pic.avatars.base-url=photos.example | profile-pic.avatars.base-url must be an http or https url",
        "profile-pic.bridge.url=bridge:3001 | profile-pic.bridge.url must be an http or https url",
        "profile-pic.bridge.timeout=0s | profile-pic.bridge.timeout must be positive",
        "profile-pic.sources.timeout=0s | profile-pic.sources.timeout must be positive",
        "profile-pic.default-instance=a b | profile-pic.default-instance must be 1 to 64",
        "profile-pic.pictures.refresh-after=0s | refresh-after",
        "profile-pic.pictures.max-age=1s | max-age",
        "profile-pic.pictures.backoff-cap=1s | profile-pic.pictures.backoff-base must be positive and at most backoff-cap",
        "profile-pic.worker.drain-timeout=-1s | profile-pic.worker.drain-timeout must be between",
        "profile-pic.worker.lease=1s | profile-pic.worker.lease must be at least 3s",
        "profile-pic.worker.pace-per-minute=0 | pacePerMinute",
        "profile-pic.download.max-bytes=0B | max-bytes between 1B and 50MB",
        "profile-pic.download.max-bytes=1GB | max-bytes between 1B and 50MB",
        "profile-pic.housekeeping.history=1s | history",
        "profile-pic.housekeeping.dead-letters=23h | deadLetters",
        "profile-pic.housekeeping.receipts=23h | receipts",
        "profile-pic.housekeeping.unmatched=0s | unmatched",
        "profile-pic.housekeeping.lids=0s | lids",
        "profile-pic.working-hours.zone=-03:00 | profile-pic.working-hours.zone must be the name of a region",
        "profile-pic.working-hours.zone=SystemV/EST5 | profile-pic.working-hours.zone must be the name of a region",
        "profile-pic.working-hours.from=9:00 | profile-pic.working-hours.from and .to must be times of day",
        "profile-pic.working-hours.to=24:00 | profile-pic.working-hours.from and .to must be times of day",
        "profile-pic.working-hours.days=Lundi | profile-pic.working-hours.days"
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
    "profile-pic.bridge.token, local-bridge-token"
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
