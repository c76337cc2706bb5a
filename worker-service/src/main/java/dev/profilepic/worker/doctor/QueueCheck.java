package dev.profilepic.worker.doctor;

import dev.profilepic.migrations.Pgmq;
import java.sql.SQLException;
import java.util.List;

/** Checks PGMQ, and both queues. */
final class QueueCheck implements Check {

  @Override
  public String name() {
    return "queue";
  }

  @Override
  public Need need() {
    return Need.DATABASE;
  }

  @Override
  public void look(Setup setup, Notes notes) throws SQLException {
    var database = setup.database();
    var version = database.text("SELECT extversion FROM pg_extension WHERE extname = 'pgmq'");
    var missing =
        database
            .rows(
                Pgmq.MISSING,
                Pgmq.FUNCTIONS.toArray(String[]::new),
                Pgmq.COLUMNS.toArray(String[]::new))
            .stream()
            .map(row -> row.at(0))
            .toList();
    if (version.isEmpty() && missing.containsAll(Pgmq.FUNCTIONS)) {
      notes.problem(
          "the extension pgmq is not in this database",
          "Run the migrations (Supabase: enable \"Queues\" under Integrations first).");
      return;
    }
    if (!version.isEmpty()
        && database.isTrue(
            "SELECT string_to_array(regexp_replace(?, '[^0-9.].*$', ''), '.')::integer[] < ARRAY[1, 5, 1]",
            version)) {
      notes.problem(
          "PGMQ " + version + " is too old, 1.5.1 or newer is needed",
          "ALTER EXTENSION pgmq UPDATE;");
    }
    var functions = missing.stream().filter(Pgmq.FUNCTIONS::contains).toList();
    if (!functions.isEmpty()) {
      notes.problem(
          "PGMQ lacks what we use of it: " + String.join(", ", functions),
          "Bring PGMQ to 1.5.1 or newer (ALTER EXTENSION pgmq UPDATE;), then run the migrations again.");
    }
    for (var queue : List.of("profile_pic_queue", "profile_pic_dlq")) {
      var kind =
          database.text(
              "SELECT relpersistence FROM pg_class WHERE oid = to_regclass('pgmq.q_' || ?)", queue);
      if (kind.isEmpty()) {
        notes.problem(
            "the queue " + queue + " does not exist",
            "SELECT pgmq.create('" + queue + "'); then run the migrations again.");
      } else if (kind.equals("u")) {
        notes.problem(
            "the queue " + queue + " is unlogged: a crash of the server empties it",
            "ALTER TABLE pgmq.q_" + queue + " SET LOGGED;");
      }
    }
    notes.okIfNothingElse(
        "PGMQ "
            + (version.isEmpty() ? "without its extension" : version)
            + ", both queues are there");
  }
}
