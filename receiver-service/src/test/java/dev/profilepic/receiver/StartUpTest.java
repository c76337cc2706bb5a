package dev.profilepic.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

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
  void logsOutsideLocalModeAreJson() {
    try (var receiver = new SpringApplicationBuilder(ReceiverApplication.class).run(with())) {
      assertThat(receiver.getEnvironment().getProperty("logging.structured.format.console"))
          .isEqualTo("ecs");
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
