package dev.profilepic.worker.doctor;

import java.sql.SQLException;

/** Whether a pooler gives each transaction another connection, and the services know. */
final class PoolerCheck implements Check {

  private static final String BACKEND = "SELECT pg_backend_pid()";
  private static final int ROUNDS = 5;

  @Override
  public String name() {
    return "pooler";
  }

  @Override
  public Need need() {
    return Need.DATABASE;
  }

  @Override
  public void look(Setup setup, Notes notes) throws SQLException {
    var settings = setup.settings();
    boolean prepares = settings.prepareThreshold() != 0;
    if (!isByTransaction(settings, setup.database())) {
      if (!prepares || !settings.listens()) {
        notes.warning(
            "connections are direct, yet the services are set up for a pooler in transaction mode",
            "Faster: PROFILE_PIC_DATABASE_PREPARE_THRESHOLD=5 and PROFILE_PIC_WORKER_LISTEN=true.");
      }
      notes.okIfNothingElse("connections are direct, or pooled by session");
      return;
    }
    if (prepares || settings.listens()) {
      notes.problem(
          "a pooler in transaction mode is in between, where "
              + (prepares ? "prepared statements get lost" : "")
              + (prepares && settings.listens() ? " and " : "")
              + (settings.listens() ? "LISTEN hears nothing" : ""),
          "Set PROFILE_PIC_DATABASE_PREPARE_THRESHOLD=0 and PROFILE_PIC_WORKER_LISTEN=false, or"
              + " connect directly or to the pooler's port for sessions.");
    }
    notes.okIfNothingElse("a pooler in transaction mode, and the services know it");
  }

  /**
   * Two clients of one backend: while one is in a transaction, the other is served by another one.
   */
  private static boolean isByTransaction(Settings settings, Database first) throws SQLException {
    if (settings.databaseUrl().contains(":6543")) {
      return true;
    }
    try (var second =
        Database.connect(
            settings.databaseUrl(), settings.databaseUser(), settings.databasePassword())) {
      for (int i = 0; i < ROUNDS; i++) {
        var before = first.text(BACKEND);
        var meanwhile = second.inOneTransaction(database -> database.text(BACKEND));
        if (before.equals(meanwhile) || !before.equals(first.text(BACKEND))) {
          return true;
        }
      }
    }
    return false;
  }
}
