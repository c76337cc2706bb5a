package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.springframework.stereotype.Component;

/**
 * Bounds the sign-ins at the console, because each is a row that stays for hours. Each key has its
 * own limit. Refused sign-ins share one, which does not hold up a key that is valid: nobody can
 * shut out others by guessing.
 */
@Component
class SignInLimits {

  private static final String NOBODY = "";

  private final ConsoleProperties properties;
  private final ConcurrentMap<String, Bucket> buckets = new ConcurrentHashMap<>();

  SignInLimits(ConsoleProperties properties) {
    this.properties = properties;
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
    var probe = buckets.computeIfAbsent(account, this::full).tryConsumeAndReturnRemaining(1);
    if (!probe.isConsumed()) {
      throw new ProblemException(
          Problem.TOO_MANY_REQUESTS,
          "Too many people sign in. Try again in a minute.",
          List.of(),
          Duration.ofNanos(probe.getNanosToWaitForRefill()).plusSeconds(1));
    }
  }

  private Bucket full(String account) {
    int most = properties.signInsPerMinute();
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(most).refillGreedy(most, Duration.ofMinutes(1)))
        .build();
  }
}
