package dev.profilepic.worker.queue;

import java.util.List;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.CannotCreateTransactionException;

/** The start-up check of the extension that the queue is built on, or of its functions alone. */
final class PgmqVersion {

  private static final Logger log = LoggerFactory.getLogger(PgmqVersion.class);

  /** The first version whose messages have headers, in which claim and settle keep their notes. */
  private static final List<Integer> OLDEST = List.of(1, 5, 1);

  private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+).*");

  private PgmqVersion() {}

  /**
   * Logs the version that was found. PGMQ may have been installed by its SQL file, without the
   * extension; then the functions that we use are checked. A database that is away does not prevent
   * the start: the migrations have checked the same, and without the migrations our functions do
   * not exist.
   *
   * @throws IllegalStateException when PGMQ is missing, older than 1.5.1 or not complete
   */
  static void check(QueueSql queue) {
    String found;
    List<String> missing;
    try {
      found = queue.pgmqVersion().orElse("");
      missing = queue.pgmqLacks();
    } catch (DataAccessException | CannotCreateTransactionException away) {
      log.warn("the version of PGMQ is unknown, the database is away: {}", away.getMessage());
      return;
    }
    if (!found.isEmpty() && !isSupported(found)) {
      throw new IllegalStateException(
          "PGMQ " + found + " is too old, 1.5.1 or newer is needed: ALTER EXTENSION pgmq UPDATE");
    }
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "PGMQ is not in this database, or not all that we use of it: "
              + String.join(", ", missing)
              + ". Run the migrations (db-migrations), which say what to do");
    }
    log.info("the queue runs on PGMQ {}", found.isEmpty() ? "without its extension" : found);
  }

  static boolean isSupported(String version) {
    var numbers = NUMBERS.matcher(version);
    if (!numbers.matches()) {
      return false;
    }
    for (int i = 0; i < OLDEST.size(); i++) {
      int compared = Integer.compare(Integer.parseInt(numbers.group(i + 1)), OLDEST.get(i));
      if (compared != 0) {
        return compared > 0;
      }
    }
    return true;
  }
}
