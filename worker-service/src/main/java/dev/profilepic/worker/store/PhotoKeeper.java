package dev.profilepic.worker.store;

import dev.profilepic.store.BucketException;
import dev.profilepic.store.PhotoStore;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * Puts new photos into their store, before their settle. Photos in the database need no call: their
 * bytes travel with the settle. A bucket that does not answer is left alone for a while, so that
 * leads that do not need the bucket are not delayed.
 */
@Component
public class PhotoKeeper {

  private final PhotoStore store;
  private final StoreSql sql;
  private final CircuitBreaker breaker;

  PhotoKeeper(PhotoStore store, StoreSql sql, CircuitBreakerRegistry breakers) {
    this.store = store;
    this.sql = sql;
    this.breaker = breakers.circuitBreaker("store");
  }

  /**
   * Returns whether a photo could not be put now, so that a message that waits for the store need
   * not fetch it.
   */
  public boolean isAway() {
    return store.keepsInBucket() && breaker.getState() == CircuitBreaker.State.OPEN;
  }

  /**
   * Keeps a photo. Keeping it twice is harmless.
   *
   * @return the reason why it cannot be kept now; empty when it is kept, or will be by its settle
   */
  public Optional<String> keep(String key, String contentType, byte[] bytes)
      throws InterruptedException {
    if (!store.keepsInBucket()) {
      return Optional.empty();
    }
    if (!breaker.tryAcquirePermission()) {
      return Optional.of("the bucket did not answer a moment ago");
    }
    long began = System.nanoTime();
    boolean told = false;
    try {
      var verdict = sql.register(key, contentType, bytes.length, store.putLease());
      if (verdict == StoreSql.Verdict.PUT) {
        store.bucket().put(key, contentType, bytes);
        breaker.onSuccess(System.nanoTime() - began, TimeUnit.NANOSECONDS);
        told = true;
      }
      return verdict == StoreSql.Verdict.DOOMED
          ? Optional.of("the same photo is being removed from the bucket")
          : Optional.empty();
    } catch (BucketException away) {
      breaker.onError(System.nanoTime() - began, TimeUnit.NANOSECONDS, away);
      told = true;
      return Optional.of(String.valueOf(away.getMessage()));
    } finally {
      if (!told) {
        breaker.releasePermission();
      }
    }
  }
}
