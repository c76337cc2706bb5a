package dev.profilepic.receiver.auth;

import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.springframework.stereotype.Component;

/**
 * Bounds what one key may send to this replica, so that a caller in a loop cannot shut out the
 * others: events in one bucket, everything else in another, because reading and operating cost the
 * database more. As many buckets as there are keys.
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
   * Counts one request.
   *
   * @param events whether it brings events
   * @return empty when it may come, else how long the caller has to wait
   */
  Optional<Duration> take(Caller caller, boolean events) {
    // Senders of signed webhooks share a name, but not a bucket: each has instances of its own.
    var account = new Account(caller.getPrincipal() + " " + caller.boundTo(), events);
    var probe = buckets.computeIfAbsent(account, this::full).tryConsumeAndReturnRemaining(1);
    return probe.isConsumed()
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(probe.getNanosToWaitForRefill()).plusSeconds(1));
  }

  /** A minute's requests may come at once. */
  private Bucket full(Account account) {
    int perMinute = account.events() ? properties.ingestPerMinute() : properties.operatePerMinute();
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, Duration.ofMinutes(1)))
        .build();
  }
}
