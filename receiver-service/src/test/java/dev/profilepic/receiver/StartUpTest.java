package dev.profilepic.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.receiver.support.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

@ExtendWith(OutputCaptureExtension.class)
class StartUpTest {

  private static final List<String> COMPLETE =
      List.of(
          "--server.port=0",
          "--management.server.port=0",
          "--PROFILE_PIC_DATABASE_URL=jdbc:postgresql://127.0.0.1:1/none",
          "--PROFILE_PIC_DATABASE_USER=postgres",
          "--PROFILE_PIC_DATABASE_PASSWORD=",
          "--PROFILE_PIC_AVATARS_SIGNING_SECRET=a-secret-of-enough-length",
          "--PROFILE_PIC_AVATARS_BASE_URL=https://photos.example",
          "--PROFILE_PIC_ERASURE_KEY=a-key-of-enough-length",
          "--PROFILE_PIC_BOOTSTRAP_KEY=");

  @Test
  void theReceiverStartsWithoutItsDatabase() {
    try (var receiver = new SpringApplicationBuilder(ReceiverApplication.class).run(with())) {
      assertThat(receiver.isRunning()).isTrue();
    }
  }

  @Test
  void aSecretThatIsTooShortStopsTheStartAndIsNamedButNotShown(CapturedOutput output) {
    assertThatThrownBy(() -> run("--PROFILE_PIC_AVATARS_SIGNING_SECRET=tooshort"));

    assertThat(output.getAll())
        .contains("profile-pic.avatars.signing-secret")
        .doesNotContain("tooshort");
  }

  @Test
  void anErasureKeyIsRequiredAndNotThatOfLocalMode(CapturedOutput output) {
    assertThatThrownBy(() -> run("--PROFILE_PIC_ERASURE_KEY="));
    assertThat(output.getAll()).contains("PROFILE_PIC_ERASURE_KEY");

    assertThatThrownBy(() -> run("--PROFILE_PIC_ERASURE_KEY=local-erasure-key"));
    assertThat(output.getAll())
        .contains("profile-pic.erasure.key is the secret of local mode")
        .doesNotContain("local-erasure-key");
  }

  @Test
  void theKeyOfLocalModeWorksNowhereElse(CapturedOutput output) {
    assertThatThrownBy(() -> run("--PROFILE_PIC_BOOTSTRAP_KEY=local-dev-key"));

    assertThat(output.getAll())
        .contains("profile-pic.auth.bootstrap-key")
        .doesNotContain("local-dev-key");
  }

  @Test
  void aWrongDefaultRegionIsNamed(CapturedOutput output) {
    assertThatThrownBy(() -> run("--profile-pic.phone.default-region=Brazil"));

    assertThat(output.getAll()).contains("profile-pic.phone.default-region must be");
  }

  @Test
  void secretsMayComeAsFiles(@TempDir Path folder) throws IOException {
    var environment = new StandardEnvironment();
    var name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
    var file = Files.writeString(folder.resolve("key"), "an-erasure-key-from-a-file\n");
    environment
        .getPropertySources()
        .replace(
            name,
            new SystemEnvironmentPropertySource(
                name, Map.of("PROFILE_PIC_ERASURE_KEY_FILE", file.toString())));
    var withoutTheKey =
        COMPLETE.stream()
            .filter(each -> !each.startsWith("--PROFILE_PIC_ERASURE_KEY="))
            .toArray(String[]::new);

    try (var receiver =
        new SpringApplicationBuilder(ReceiverApplication.class)
            .environment(environment)
            .run(withoutTheKey)) {
      assertThat(receiver.getEnvironment().getProperty("profile-pic.erasure.key"))
          .isEqualTo("an-erasure-key-from-a-file");
    }
  }

  @Test
  void logsOutsideLocalModeAreJson() {
    try (var receiver = new SpringApplicationBuilder(ReceiverApplication.class).run(with())) {
      assertThat(receiver.getEnvironment().getProperty("logging.structured.format.console"))
          .isEqualTo("ecs");
    }
  }

  @Test
  void thePageToTryCallsIsForLocalModeOnly() {
    try (var receiver = new SpringApplicationBuilder(ReceiverApplication.class).run(with())) {
      int port = receiver.getEnvironment().getRequiredProperty("local.server.port", Integer.class);

      assertThat(new Http(port, null).get("/docs/index.html").status()).isEqualTo(404);
    }
  }

  private static void run(String argument) {
    new SpringApplicationBuilder(ReceiverApplication.class).run(with(argument)).close();
  }

  private static String[] with(String... others) {
    var all = new ArrayList<>(COMPLETE);
    for (var other : others) {
      all.removeIf(each -> each.startsWith(other.substring(0, other.indexOf('=') + 1)));
      all.add(other);
    }
    return all.toArray(String[]::new);
  }
}
