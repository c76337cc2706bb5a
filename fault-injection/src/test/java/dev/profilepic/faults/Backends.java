package dev.profilepic.faults;

import org.springframework.jdbc.core.JdbcTemplate;

/** The workers as PostgreSQL sees them: one backend per connection. */
final class Backends {

  /** The beginning of the application name of every connection in a worker's pool. */
  private static final String POOL = "pool of worker ";

  private static final String OF_THIS_DATABASE =
      " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() ";

  private static final String LISTENER = "AND application_name LIKE '%listener'";

  private final JdbcTemplate jdbc;

  Backends(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** Returns the application name that a worker's pool must announce. */
  static String poolName(String worker) {
    return POOL + worker;
  }

  /** Counts the connections of a worker's pool that the server still serves. */
  int poolSize(String worker) {
    return number(
        "SELECT count(*)" + OF_THIS_DATABASE + "AND application_name = ?", poolName(worker));
  }

  int listeners() {
    return number("SELECT count(*)" + OF_THIS_DATABASE + LISTENER);
  }

  /** Returns the process id of the newest listener, or zero without a listener. */
  int newestListener() {
    return number("SELECT coalesce(max(pid), 0)" + OF_THIS_DATABASE + LISTENER);
  }

  /** Terminates all connections of all workers, and returns their number. */
  int terminateAll() {
    return number(
        "SELECT count(pg_terminate_backend(pid))"
            + OF_THIS_DATABASE
            + "AND (application_name LIKE '%listener' OR application_name LIKE ?)",
        POOL + "%");
  }

  /** Waits until a settle waits for a lock, and returns the name of the worker that settles. */
  String awaitBlockedSettle() {
    var sql =
        "SELECT min(application_name)"
            + OF_THIS_DATABASE
            + "AND wait_event_type = 'Lock' AND query LIKE '%profile_pic.settle(%'";
    var name =
        Await.<String>forValue(
            "a settle waits for a lock", () -> jdbc.queryForObject(sql, String.class));
    return name.substring(POOL.length());
  }

  private int number(String sql, Object... arguments) {
    var number = jdbc.queryForObject(sql, Integer.class, arguments);
    return number == null ? 0 : number;
  }
}
