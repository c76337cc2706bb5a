package dev.profilepic.worker.doctor;

import java.sql.SQLException;

/** Checks whether housekeeping runs, and which chores it refused to do. */
final class ChoresCheck implements Check {

  private static final String CHORES =
      """
      SELECT c.chore, c.warning, to_char(c.done_at, 'YYYY-MM-DD HH24:MI') FROM profile_pic.chores AS c
      WHERE c.warning IS NOT NULL OR c.done_at < statement_timestamp() - interval '1 day' AND c.done_at > '-infinity' ORDER BY 1
      """;

  @Override
  public String name() {
    return "housekeeping";
  }

  @Override
  public Need need() {
    return Need.SCHEMA;
  }

  @Override
  public void look(Setup setup, Notes notes) throws SQLException {
    for (var chore : setup.database().rows(CHORES)) {
      if (chore.at(1).isEmpty()) {
        notes.warning(
            "the chore " + chore.at(0) + " ran last on " + chore.at(2),
            "Is a worker running with profile-pic.housekeeping.enabled?");
      } else {
        notes.warning(
            "the chore " + chore.at(0) + " warns: " + chore.at(1), "See docs/crm-table.md.");
      }
    }
    notes.okIfNothingElse("up to date");
  }
}
