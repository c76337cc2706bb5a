package dev.profilepic.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

@ExtendWith(OutputCaptureExtension.class)
class SecretsFromFilesTest {

  @Test
  void theWorkerReadsThemBeforeAnythingElse(CapturedOutput output) {
    var environment = new StandardEnvironment();
    var name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
    environment
        .getPropertySources()
        .replace(
            name,
            new SystemEnvironmentPropertySource(
                name, Map.of("PROFILE_PIC_BRIDGE_TOKEN_FILE", "/nowhere")));

    assertThatThrownBy(
        () -> new SpringApplicationBuilder(WorkerApplication.class).environment(environment).run());

    assertThat(output.getAll()).contains("PROFILE_PIC_BRIDGE_TOKEN_FILE names /nowhere");
  }
}
