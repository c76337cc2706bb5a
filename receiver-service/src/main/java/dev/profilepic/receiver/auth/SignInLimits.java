package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Bounds the sign-ins at the console, because each is a row that stays for hours. Each key has its
 * own limit. Refused sign-ins share one, which does not hold up a key that is valid: nobody can
 * shut out others by guessing.
 */
@Component
class SignInLimits {

  private static final String NOBODY = "";

  private final MinuteLimits<String> limits;

  SignInLimits(ConsoleProperties properties) {
    this.limits = new MinuteLimits<>(account -> properties.signInsPerMinute());
  }

  /**
   * Counts a sign-in with a valid key.
   *
   * @throws ProblemException 429 when there were too many
   */
  void count(ApiKey key) {
    take("key " + key.name());
  }

  /**
   * Counts a sign-in that is refused.
   *
   * @throws ProblemException 429 when there were too many
   */
  void countRefused() {
    take(NOBODY);
  }

  private void take(String account) {
    var wait = limits.take(account);
    if (wait.isPresent()) {
      throw new ProblemException(
          Problem.TOO_MANY_REQUESTS,
          "Too many people sign in. Try again in a minute.",
          List.of(),
          wait.get());
    }
  }
}
