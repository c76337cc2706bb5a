package dev.profilepic.worker.doctor;

import java.sql.SQLException;

/** Checks that the database can be reached and written, and is new enough. */
final class DatabaseCheck implements Check {

  /** The first version with CREATE OR REPLACE TRIGGER and functions with parsed bodies. */
  private static final int OLDEST = 140_000;

  @Override
  public String name() {
    return "database";
  }

  @Override
  public Need need() {
    return Need.NOTHING;
  }

  @Override
  public void look(Setup setup, Notes notes) {
    var settings = setup.settings();
    var where = settings.databaseUrl().replaceFirst("\\?.*", "");
    try {
      var row =
          setup
              .database()
              .rows(
                  "SELECT current_setting('server_version_num')::integer, current_setting('server_version'), pg_is_in_recovery(), current_setting('default_transaction_read_only'), current_user")
              .getFirst();
      if (Integer.parseInt(row.at(0)) < OLDEST) {
        notes.problem(
            "PostgreSQL " + row.at(1) + " is too old", "Upgrade to PostgreSQL 14 or newer.");
      }
      if (row.at(2).equals("t") || row.at(3).equals("on")) {
        setup.isAway(Setup.WRITES);
      }
      if (row.at(2).equals("t")) {
        notes.problem(
            where + " is a standby, which cannot be written",
            "Set PROFILE_PIC_DATABASE_URL to the primary.");
      } else if (row.at(3).equals("on")) {
        notes.problem(
            "transactions are read-only by default; hosted databases do that when the disk is full",
            "Free space or enlarge the disk, then: ALTER DATABASE ... SET default_transaction_read_only = off");
      }
      notes.okIfNothingElse("PostgreSQL " + row.at(1) + " at " + where + " as " + row.at(4));
    } catch (SQLException away) {
      notes.problem(
          where + " cannot be reached: " + Database.why(away),
          "Check PROFILE_PIC_DATABASE_URL, _USER and _PASSWORD, and that the server is up and lets"
              + " this machine in.");
    }
  }
}
