package dev.profilepic.receiver;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.springframework.mock.env.MockEnvironment;

class SecretsCheckTest {

  @Test
  void aSecretOfLocalModeIsRefusedAnywhereElseAndNotRepeated() {
    var environment =
        new MockEnvironment()
            .withProperty("profile-pic.avatars.signing-secret", "local-avatar-signing-secret");

    assertThatThrownBy(() -> new SecretsCheck(environment))
        .hasMessageStartingWith("profile-pic.avatars.signing-secret is the secret of local mode")
        .hasMessageNotContaining("local-avatar-signing-secret");

    environment.setActiveProfiles("local");
    assertThatCode(() -> new SecretsCheck(environment)).doesNotThrowAnyException();
  }

  @Test
  void aSecretOfOnesOwnIsTaken() {
    assertThatCode(() ->
            new SecretsCheck(
                new MockEnvironment()
                    .withProperty("profile-pic.avatars.signing-secret", "q7Jd0c1W5mBzQ1r3")))
        .doesNotThrowAnyException();
  }
}
