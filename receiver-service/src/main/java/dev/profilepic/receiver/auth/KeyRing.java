package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.database.DatabaseCalls;
import dev.profilepic.receiver.http.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * The keys that are valid now. The receiver keeps a copy of the table and reads it again every few
 * seconds. So a wrong key costs no query, and a revoked key stops working within {@link #FRESH}.
 * While the database is away, callers are still recognised for a while (their calls then fail with
 * 503, not 401).
 */
@Component
class KeyRing {

  static final Duration FRESH = Duration.ofSeconds(5);
  private static final Duration FRESH_FOR_STRANGERS = Duration.ofSeconds(1);
  private static final Duration USABLE = Duration.ofMinutes(10);
  private static final int SHORTEST_BOOTSTRAP_KEY = 24;
  private static final Logger log = LoggerFactory.getLogger(KeyRing.class);

  private record Snapshot(List<ApiKey> keys, Instant readAt) {

    boolean isYoungerThan(Duration age, Instant now) {
      return readAt.plus(age).isAfter(now);
    }
  }

  private final ApiKeyTable table;
  private final DatabaseCalls database;
  private final InstantSource clock;
  private final List<ApiKey> configured;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile @Nullable Snapshot snapshot;
  private volatile boolean away;

  KeyRing(
      ApiKeyTable table,
      DatabaseCalls database,
      InstantSource clock,
      AuthProperties properties,
      Environment environment) {
    this.table = table;
    this.database = database;
    this.clock = clock;
    this.configured =
        configured(properties.bootstrapKey(), environment.acceptsProfiles(Profiles.of("local")));
  }

  /**
   * Finds the key that a caller presents.
   *
   * @throws ProblemException 503 when the key is not known yet and the database does not answer
   */
  Optional<ApiKey> find(String secret) {
    return find(ApiKey.Digest.of(secret));
  }

  /**
   * Finds the key with this digest.
   *
   * @throws ProblemException 503 when the key is not known yet and the database does not answer
   */
  Optional<ApiKey> find(ApiKey.Digest digest) {
    // Even many callers cause few queries, and yet a key made a second ago works.
    return match(configured, digest)
        .or(() -> match(knownOrRead(), digest))
        .or(() -> match(read(FRESH_FOR_STRANGERS), digest))
        .filter(key -> !key.isExpired(clock.instant()));
  }

  /**
   * Returns the current keys, or the keys that were read last when the database does not answer.
   */
  private List<ApiKey> knownOrRead() {
    var known = snapshot;
    var now = clock.instant();
    if (known == null || !known.isYoungerThan(USABLE, now)) {
      return read(FRESH);
    }
    // While the database is away, one call at a time tries to read; other calls use the known keys.
    if (known.isYoungerThan(FRESH, now) || (away && reading.isLocked())) {
      return known.keys();
    }
    try {
      return read(FRESH);
    } catch (ProblemException unavailable) {
      return known.keys();
    }
  }

  /** Reads the keys. One call reads, and other calls wait a short time for its result. */
  private List<ApiKey> read(Duration maxAge) {
    try {
      if (!reading.tryLock(DatabaseCalls.BRIEFLY.toNanos(), TimeUnit.NANOSECONDS)) {
        throw ProblemException.unavailable();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw ProblemException.unavailable();
    }
    try {
      var known = snapshot;
      var now = clock.instant();
      if (known != null && known.isYoungerThan(maxAge, now)) {
        return known.keys();
      }
      var read = new Snapshot(database.briefly(table::valid), now);
      snapshot = read;
      away = false;
      return read.keys();
    } catch (DataAccessException | ProblemException failure) {
      if (!away) {
        log.warn("the keys cannot be read; those that were read before still count");
      }
      away = true;
      throw ProblemException.unavailable();
    } finally {
      reading.unlock();
    }
  }

  /** Compares every key, so that the time taken does not reveal which key matched. */
  private static Optional<ApiKey> match(List<ApiKey> keys, ApiKey.Digest digest) {
    ApiKey found = null;
    for (var key : keys) {
      if (key.sha256().matches(digest)) {
        found = key;
      }
    }
    return Optional.ofNullable(found);
  }

  private static List<ApiKey> configured(@Nullable String secret, boolean local) {
    var keys = new ArrayList<ApiKey>();
    if (secret != null && !secret.isBlank()) {
      if (!local && secret.length() < SHORTEST_BOOTSTRAP_KEY) {
        throw new IllegalStateException(
            "profile-pic.auth.bootstrap-key must have at least "
                + SHORTEST_BOOTSTRAP_KEY
                + " characters outside the profile local");
      }
      keys.add(
          new ApiKey(
              null, "bootstrap", ApiKey.Digest.of(secret), ApiKey.ALL_SCOPES, Set.of(), null));
    }
    return List.copyOf(keys);
  }
}
