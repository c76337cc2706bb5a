package dev.profilepic.worker.doctor;

import java.sql.SQLException;

/** Checks whether anything waits for longer than it should. */
final class BacklogCheck implements Check {

  private static final String WRITES =
      """
      SELECT count(*), max(w.error) FROM (
        SELECT w.error FROM profile_pic.lead_writes AS w
        WHERE w.since < statement_timestamp() - interval '10 minutes' AND w.error IS DISTINCT FROM 'the CRM overwrote the link three times today'
        LIMIT 10000) AS w
      """;

  private static final String ERASURES =
      """
      SELECT count(*), max(e.error) FROM profile_pic.bridge_erasures AS e
      WHERE e.attempts > 0 AND e.created_at < statement_timestamp() - interval '1 hour'
      """;

  @Override
  public String name() {
    return "backlog";
  }

  @Override
  public Need need() {
    return Need.SCHEMA;
  }

  @Override
  public void look(Setup setup, Notes notes) throws SQLException {
    var database = setup.database();
    var writes = database.rows(WRITES).getFirst();
    if (!writes.at(0).equals("0")) {
      notes.problem(
          writes.at(0)
              + " rows of the CRM could not be written for 10 minutes and more"
              + (writes.at(1).isEmpty() ? "" : "; one was refused: " + writes.at(1)),
          "SELECT * FROM profile_pic.lead_writes_waiting; says why: let whoever holds the rows end"
              + " its transaction, or mend the trigger or constraint that refuses. Without an error:"
              + " is a worker running?");
    }
    var ready =
        database.text("SELECT round(oldest_ready_seconds / 60) FROM profile_pic.queue_depth");
    if (Long.parseLong(ready) >= 15) {
      notes.problem(
          "a message that could start waits for " + ready + " minutes",
          "Is a worker running, and of this release? Its log says what it does.");
    }
    var erasures = database.rows(ERASURES).getFirst();
    if (!erasures.at(0).equals("0")) {
      notes.problem(
          erasures.at(0)
              + " people who asked to be forgotten are still known to the bridge: "
              + erasures.at(1),
          "Make the bridge reachable for the worker (PROFILE_PIC_BRIDGE_URL, _TOKEN).");
    }
    var dead = database.text("SELECT dead FROM profile_pic.queue_depth");
    if (!dead.equals("0")) {
      notes.warning(
          dead + " dead letters",
          "SELECT * FROM profile_pic.failures_by_reason; then POST /dead-letters/replay, or drop them.");
    }
    notes.okIfNothingElse("nothing waits for long");
  }
}
