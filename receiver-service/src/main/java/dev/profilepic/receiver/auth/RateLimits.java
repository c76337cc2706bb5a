package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.springframework.stereotype.Component;

/**
 * Bounds the calls of one key to this replica, so that a caller in a loop cannot shut out other
 * callers. Events have one bucket and all other calls have another, because reading and operating
 * cost the database more. A list of people counts as many events. There are as many buckets as
 * there are keys.
 */
@Component
public class RateLimits {

  private record Account(String caller, boolean events) {}

  private final AuthProperties properties;
  private final ConcurrentMap<Account, Bucket> buckets = new ConcurrentHashMap<>();

  RateLimits(AuthProperties properties) {
    this.properties = properties;
  }

  /**
   * Counts one call.
   *
   * @param events whether the call brings events
   * @return empty when the call may pass, else how long the caller has to wait
   */
  Optional<Duration> take(Caller caller, boolean events) {
    var probe = bucket(caller, events).tryConsumeAndReturnRemaining(1);
    return probe.isConsumed()
        ? Optional.empty()
        : Optional.of(waitOf(probe.getNanosToWaitForRefill()));
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
    var bucket = bucket(caller, true);
    int needed = Math.max(1, Math.min(more, properties.ingestPerMinute() / 2));
    var probe = bucket.estimateAbilityToConsume(needed);
    if (!probe.canBeConsumed()) {
      throw new ProblemException(
          Problem.TOO_MANY_REQUESTS,
          "Send it again after Retry-After.",
          List.of(),
          waitOf(probe.getNanosToWaitForRefill()));
    }
    bucket.consumeIgnoringRateLimits(more);
  }

  private Bucket bucket(Caller caller, boolean events) {
    return buckets.computeIfAbsent(new Account(caller.account(), events), this::full);
  }

  private static Duration waitOf(long nanos) {
    return Duration.ofNanos(nanos).plusSeconds(1);
  }

  /** Returns a full bucket, because all calls of a minute may come at once. */
  private Bucket full(Account account) {
    int perMinute = account.events() ? properties.ingestPerMinute() : properties.operatePerMinute();
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, Duration.ofMinutes(1)))
        .build();
  }
}
