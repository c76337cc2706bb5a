package dev.profilepic.receiver;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.springframework.mock.env.MockEnvironment;

class SecretsCheckTest {

  @Test
  void aSecretOfLocalModeIsRefusedAnywhereElse() {
    var environment =
        new MockEnvironment()
            .withProperty("profile-pic.avatars.signing-secret", "local-avatar-signing-secret");

    assertThatThrownBy(() -> new SecretsCheck(environment))
        .hasMessageStartingWith("profile-pic.avatars.signing-secret is");

    environment.setActiveProfiles("local");
    assertThatCode(() -> new SecretsCheck(environment)).doesNotThrowAnyException();
  }
}
