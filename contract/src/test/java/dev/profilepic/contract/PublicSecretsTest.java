package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PublicSecretsTest {

  private static final List<String> SECRETS = List.of("first", "second", "unset");

  @Test
  void aSecretOfLocalModeIsRefusedAndNotRepeated() {
    var configured = Map.of("first", "q7Jd0c1W5mBzQ1r3", "second", "local-bridge-token");

    assertThatThrownBy(() -> PublicSecrets.refuse(SECRETS, configured::get))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("second is the secret of local mode")
        .hasMessageContaining("openssl rand")
        .hasMessageNotContaining("local-bridge-token");
  }

  @Test
  void aSecretOfOnesOwnIsTaken() {
    var configured = Map.of("first", "q7Jd0c1W5mBzQ1r3", "second", "kR6pVt0sLw2YxN8b");

    assertThatCode(() -> PublicSecrets.refuse(SECRETS, configured::get)).doesNotThrowAnyException();
  }
}
