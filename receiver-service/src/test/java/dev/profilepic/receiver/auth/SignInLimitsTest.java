package dev.profilepic.receiver.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SignInLimitsTest {

  private final SignInLimits limits =
      new SignInLimits(new ConsoleProperties(Duration.ofHours(12), 3));

  @Test
  void aKeyMaySignInAFewTimesAMinute() {
    assertRefusedAfterThree(() -> limits.count(key("often")));

    limits.count(key("another"));
  }

  @Test
  void guessingShutsOutNoKey() {
    assertRefusedAfterThree(limits::countRefused);

    limits.count(key("valid"));
  }

  private static void assertRefusedAfterThree(Runnable signIn) {
    for (int i = 0; i < 3; i++) {
      signIn.run();
    }
    assertThatThrownBy(signIn::run)
        .isInstanceOfSatisfying(
            ProblemException.class,
            refusal -> {
              assertThat(refusal.problem()).isEqualTo(Problem.TOO_MANY_REQUESTS);
              assertThat(refusal.retryAfter()).isNotNull();
            });
  }

  private static ApiKey key(String name) {
    return new ApiKey(1L, name, ApiKey.Digest.of(name), Set.of("read"), Set.of(), null);
  }
}
