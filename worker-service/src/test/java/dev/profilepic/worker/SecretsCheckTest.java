package dev.profilepic.worker;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.springframework.mock.env.MockEnvironment;

class SecretsCheckTest {

  @Test
  void aSecretOfLocalModeIsRefusedAnywhereElse() {
    var environment =
        new MockEnvironment().withProperty("profile-pic.bridge.token", "local-bridge-token");

    assertThatThrownBy(() -> new SecretsCheck(environment))
        .hasMessageStartingWith("profile-pic.bridge.token is");

    environment.setActiveProfiles("local");
    assertThatCode(() -> new SecretsCheck(environment)).doesNotThrowAnyException();
  }
}
