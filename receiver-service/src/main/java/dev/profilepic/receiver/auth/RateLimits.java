package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Bounds the calls of one key to this replica, so that a caller in a loop cannot shut out other
 * callers. Events have one bucket and all other calls have another, because reading and operating
 * cost the database more. A list of people counts as many events.
 */
@Component
public class RateLimits {

  private record Account(String caller, boolean events) {}

  private final AuthProperties properties;
  private final MinuteLimits<Account> limits;

  RateLimits(AuthProperties properties) {
    this.properties = properties;
    this.limits =
        new MinuteLimits<>(account ->
            account.events() ? properties.ingestPerMinute() : properties.operatePerMinute());
  }

  /**
   * Counts one call.
   *
   * @param events whether the call brings events
   * @return empty when the call may pass, else how long the caller has to wait
   */
  Optional<Duration> take(Caller caller, boolean events) {
    return limits.take(new Account(caller.account(), events));
  }

  /**
   * Counts the other events of a call that brings several. A list needs half a minute's events at
   * the most in advance, so a list that is longer than the limit passes too; the next calls of the
   * key then wait for what it took.
   *
   * @throws ProblemException 429 when the key has sent too much for this list; nothing is counted
   *     then
   */
  public void countEvents(Caller caller, int more) {
    if (more <= 0) {
      return;
    }
    int within = Math.max(1, Math.min(more, properties.ingestPerMinute() / 2));
    var wait = limits.take(new Account(caller.account(), true), more, within);
    if (wait.isPresent()) {
      throw new ProblemException(
          Problem.TOO_MANY_REQUESTS, "Send it again after Retry-After.", List.of(), wait.get());
    }
  }
}
