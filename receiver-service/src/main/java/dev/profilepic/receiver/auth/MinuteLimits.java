package dev.profilepic.receiver.auth;

import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.ToIntFunction;

/**
 * How much each account may do in a minute, at this replica. All of it may come at once; it comes
 * back evenly. There are as many buckets as there are accounts.
 *
 * @param <A> the account, a value
 */
final class MinuteLimits<A> {

  private final ToIntFunction<A> perMinute;
  private final ConcurrentMap<A, Bucket> buckets = new ConcurrentHashMap<>();

  MinuteLimits(ToIntFunction<A> perMinute) {
    this.perMinute = perMinute;
  }

  /**
   * Counts one.
   *
   * @return empty when it may pass, else how long to wait
   */
  Optional<Duration> take(A account) {
    var probe = bucket(account).tryConsumeAndReturnRemaining(1);
    return probe.isConsumed()
        ? Optional.empty()
        : Optional.of(waitOf(probe.getNanosToWaitForRefill()));
  }

  /**
   * Counts many, when some of them are within the limit; the account then owes the others.
   *
   * @return empty when they may pass, else how long to wait; nothing is counted then
   */
  Optional<Duration> take(A account, int count, int within) {
    var bucket = bucket(account);
    var probe = bucket.estimateAbilityToConsume(within);
    if (!probe.canBeConsumed()) {
      return Optional.of(waitOf(probe.getNanosToWaitForRefill()));
    }
    bucket.consumeIgnoringRateLimits(count);
    return Optional.empty();
  }

  private static Duration waitOf(long nanos) {
    return Duration.ofNanos(nanos).plusSeconds(1);
  }

  private Bucket bucket(A account) {
    return buckets.computeIfAbsent(account, this::full);
  }

  private Bucket full(A account) {
    int most = perMinute.applyAsInt(account);
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(most).refillGreedy(most, Duration.ofMinutes(1)))
        .build();
  }
}
