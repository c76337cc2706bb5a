package dev.profilepic.worker.doctor;

import java.sql.SQLException;

/** Checks that PostgreSQL removes the dead rows that we leave. */
final class DeadRowsCheck implements Check {

  private static final String TABLES =
      """
      SELECT c.oid::regclass::text, off.off, coalesce(s.n_dead_tup, 0), coalesce(s.n_live_tup, 0)
      FROM pg_class AS c
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      LEFT JOIN pg_stat_user_tables AS s ON s.relid = c.oid
      CROSS JOIN LATERAL (SELECT coalesce(c.reloptions && ARRAY['autovacuum_enabled=false', 'autovacuum_enabled=off', 'autovacuum_enabled=0'], false) AS off) AS off
      WHERE c.relkind = 'r' AND (n.nspname = 'profile_pic' OR n.nspname = 'pgmq' AND c.relname IN ('q_profile_pic_queue', 'q_profile_pic_dlq'))
        AND (off.off OR s.n_dead_tup > 50000 AND s.n_dead_tup > 2 * s.n_live_tup)
      ORDER BY 1
      """;

  @Override
  public String name() {
    return "dead rows";
  }

  @Override
  public Need need() {
    return Need.SCHEMA;
  }

  @Override
  public void look(Setup setup, Notes notes) throws SQLException {
    if (setup.database().isTrue("SELECT NOT current_setting('autovacuum')::boolean")) {
      notes.problem(
          "autovacuum is off on this server: the queue gets slower with each message",
          "ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf();");
    }
    for (var table : setup.database().rows(TABLES)) {
      if (table.at(1).equals("t")) {
        notes.problem(
            "autovacuum is off for " + table.at(0),
            "ALTER TABLE " + table.at(0) + " RESET (autovacuum_enabled);");
      } else {
        notes.warning(
            table.at(0) + " has " + table.at(2) + " dead rows, " + table.at(3) + " are alive",
            "Look for old transactions (above), then: VACUUM " + table.at(0) + ";");
      }
    }
    notes.okIfNothingElse("autovacuum keeps up");
  }
}
