package dev.profilepic.receiver.auth;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * The times at which keys were last used, so that unused keys can be found. A call only records the
 * use in memory. The use of a key is written to the database at most once a minute.
 */
@Component
class KeyUses {

  private static final Duration BETWEEN_WRITES = Duration.ofMinutes(1);
  private static final Logger log = LoggerFactory.getLogger(KeyUses.class);

  private final ApiKeyTable table;
  private final InstantSource clock;
  private final ConcurrentMap<Long, Instant> latest = new ConcurrentHashMap<>();
  private final Map<Long, Instant> written = new HashMap<>();

  KeyUses(ApiKeyTable table, InstantSource clock) {
    this.table = table;
    this.clock = clock;
  }

  void note(ApiKey key) {
    var id = key.id();
    if (id != null) {
      latest.put(id, clock.instant());
    }
  }

  /**
   * Writes new uses to the database. Runs never overlap: the scheduler starts the next run after
   * the end of the last run.
   */
  @Scheduled(fixedDelay = 10_000, initialDelay = 10_000)
  void write() {
    var due = new HashMap<Long, Instant>();
    latest.forEach((id, at) -> {
      var before = written.get(id);
      if (before == null || !at.isBefore(before.plus(BETWEEN_WRITES))) {
        due.put(id, at);
      }
    });
    if (due.isEmpty()) {
      return;
    }
    try {
      table.noteUses(due);
      written.putAll(due);
    } catch (DataAccessException away) {
      log.debug("when keys were used is noted later: {}", away.getMessage());
    }
  }
}
