package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.contract.SecretFiles.UnreadableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

@ExtendWith(OutputCaptureExtension.class)
class SecretFilesTest {

  @TempDir private Path folder;

  @Test
  void aFileIsReadWithoutTheEndOfItsLine() throws IOException {
    assertThat(
            SecretFiles.read(Map.of("PROFILE_PIC_ERASURE_KEY_FILE", file("a long enough key\n"))))
        .containsExactly(Map.entry("PROFILE_PIC_ERASURE_KEY", "a long enough key"));
  }

  @Test
  void aVariableThatIsEmptyDoesNotHideTheFile() throws IOException {
    var variables =
        Map.of(
            "PROFILE_PIC_BOOTSTRAP_KEY", "", "PROFILE_PIC_BOOTSTRAP_KEY_FILE", file("from a file"));

    assertThat(SecretFiles.over(variables))
        .containsEntry("PROFILE_PIC_BOOTSTRAP_KEY", "from a file");
    assertThat(start(variables).getEnvironment().getProperty("PROFILE_PIC_BOOTSTRAP_KEY"))
        .isEqualTo("from a file");
  }

  @Test
  void othersVariablesWithTheSameEndingAreLeftAlone() {
    assertThat(SecretFiles.read(Map.of("SSL_CERT_FILE", "/nowhere", "PROFILE_PIC_X_FILE", " ")))
        .isEmpty();
  }

  @Test
  void aVariableThatIsSetInBothWaysIsRefused() throws IOException {
    assertThatThrownBy(() ->
            SecretFiles.read(
                Map.of(
                    "PROFILE_PIC_ERASURE_KEY",
                    "secret-one",
                    "PROFILE_PIC_ERASURE_KEY_FILE",
                    file("secret-two"))))
        .isInstanceOf(UnreadableException.class)
        .hasMessage("both PROFILE_PIC_ERASURE_KEY and PROFILE_PIC_ERASURE_KEY_FILE are set");
  }

  @Test
  void aFileThatIsMissingEmptyOrLargeIsNamedWithItsVariable() throws IOException {
    for (var wrong : Map.of("/nowhere", "cannot be read", file(" \n"), "is empty").entrySet()) {
      assertThatThrownBy(
              () -> SecretFiles.read(Map.of("PROFILE_PIC_BRIDGE_TOKEN_FILE", wrong.getKey())))
          .hasMessageContaining("PROFILE_PIC_BRIDGE_TOKEN_FILE names " + wrong.getKey())
          .hasMessageContaining(wrong.getValue());
    }
    var large = file("x".repeat(65 * 1024));
    assertThatThrownBy(() -> SecretFiles.read(Map.of("PROFILE_PIC_BRIDGE_TOKEN_FILE", large)))
        .hasMessageContaining("is larger than 64 KiB");
  }

  @Test
  void aProgramReadsThemUnderBothNamesOfAProperty() throws IOException {
    var environment =
        start(Map.of("PROFILE_PIC_BRIDGE_TOKEN_FILE", file("from a file"))).getEnvironment();

    assertThat(environment.getProperty("PROFILE_PIC_BRIDGE_TOKEN")).isEqualTo("from a file");
    assertThat(Binder.get(environment).bind("profile-pic.bridge.token", String.class).get())
        .isEqualTo("from a file");
  }

  @Test
  void aProgramThatCannotReadOneDoesNotStartAndSaysWhatToDo(CapturedOutput output) {
    assertThatThrownBy(() -> start(Map.of("PROFILE_PIC_BRIDGE_TOKEN_FILE", "/nowhere")));

    assertThat(output.getAll())
        .contains("PROFILE_PIC_BRIDGE_TOKEN_FILE names /nowhere")
        .contains("a file that holds the secret alone")
        .doesNotContain("\tat ");
  }

  private String file(String text) throws IOException {
    return Files.writeString(Files.createTempFile(folder, "secret", ""), text).toString();
  }

  private static ConfigurableApplicationContext start(Map<String, String> variables) {
    var environment = new StandardEnvironment();
    var name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
    environment
        .getPropertySources()
        .replace(name, new SystemEnvironmentPropertySource(name, Map.copyOf(variables)));
    return new SpringApplicationBuilder(SecretFilesTest.class)
        .web(WebApplicationType.NONE)
        .environment(environment)
        .run();
  }
}
