package dev.profilepic.receiver.auth;

import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.springframework.stereotype.Component;

/**
 * Bounds the calls of one key to this replica, so that a caller in a loop cannot shut out other
 * callers. Events have one bucket and all other calls have another, because reading and operating
 * cost the database more. There are as many buckets as there are keys.
 */
@Component
class RateLimits {

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
    var account = new Account(caller.account(), events);
    var probe = buckets.computeIfAbsent(account, this::full).tryConsumeAndReturnRemaining(1);
    return probe.isConsumed()
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(probe.getNanosToWaitForRefill()).plusSeconds(1));
  }

  /** Returns a full bucket, because all calls of a minute may come at once. */
  private Bucket full(Account account) {
    int perMinute = account.events() ? properties.ingestPerMinute() : properties.operatePerMinute();
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, Duration.ofMinutes(1)))
        .build();
  }
}
