package dev.profilepic.worker.doctor;

import java.sql.SQLException;
import java.time.Duration;

/** Checks for transactions and replication slots that keep PostgreSQL from cleaning up. */
final class SnapshotsCheck implements Check {

  private static final String HELD =
      """
      SELECT a.pid, date_trunc('second', clock_timestamp() - a.xact_start)::text, coalesce(nullif(a.application_name, ''), a.usename::text, '?')
      FROM pg_stat_activity AS a
      WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
        AND a.xact_start < clock_timestamp() - ?::integer * interval '1 s'
      ORDER BY a.xact_start LIMIT 5
      """;

  private static final String PREPARED =
      """
      SELECT p.gid, to_char(p.prepared, 'YYYY-MM-DD HH24:MI') FROM pg_prepared_xacts AS p
      WHERE p.database = current_database() AND p.prepared < clock_timestamp() - ?::integer * interval '1 s' ORDER BY p.prepared LIMIT 5
      """;

  private static final String SLOTS =
      """
      SELECT s.slot_name, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)), pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn) > 1073741824
      FROM pg_replication_slots AS s WHERE NOT s.active AND s.restart_lsn IS NOT NULL AND NOT pg_is_in_recovery()
      """;

  private final Duration longest;

  /**
   * @param longest the longest time that a transaction may be open
   */
  SnapshotsCheck(Duration longest) {
    this.longest = longest;
  }

  @Override
  public String name() {
    return "snapshots";
  }

  @Override
  public Need need() {
    return Need.DATABASE;
  }

  @Override
  public void look(Setup setup, Notes notes) throws SQLException {
    for (var held : setup.database().rows(HELD, longest.toSeconds())) {
      notes.problem(
          "a transaction is open for "
              + held.at(1)
              + " (process "
              + held.at(0)
              + ", "
              + held.at(2)
              + "): what was deleted since cannot be cleaned up, and the queue gets slow",
          "Let whoever runs it end it, or: SELECT pg_terminate_backend(" + held.at(0) + ");");
    }
    for (var prepared : setup.database().rows(PREPARED, longest.toSeconds())) {
      notes.problem(
          "a prepared transaction is open since " + prepared.at(1),
          "COMMIT PREPARED or ROLLBACK PREPARED '" + prepared.at(0) + "';");
    }
    for (var slot : setup.database().rows(SLOTS)) {
      var what =
          "the replication slot " + slot.at(0) + " is not used and keeps " + slot.at(1) + " of WAL";
      var remedy =
          "Start whoever reads it, or: SELECT pg_drop_replication_slot('" + slot.at(0) + "');";
      if (slot.at(2).equals("t")) {
        notes.problem(what, remedy);
      } else {
        notes.warning(what, remedy);
      }
    }
    notes.okIfNothingElse("nobody holds an old one");
  }
}
