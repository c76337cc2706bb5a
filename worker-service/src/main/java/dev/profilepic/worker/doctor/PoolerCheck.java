package dev.profilepic.worker.doctor;

import dev.profilepic.contract.DatabaseConnection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Checks whether there is a pooler, in which mode, and whether the services are configured for it.
 */
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
    @Nullable DatabaseConnection told = settings.connection().orElse(null);
    if (told == null) {
      notes.problem(
          "PROFILE_PIC_DATABASE_CONNECTION is none of direct, session and transaction, and the"
              + " services do not start",
          "Set it to what is in between: direct for nothing.");
      return;
    }
    var found = found(settings, setup.database());
    if (found != DatabaseConnection.TRANSACTION) {
      lookAtSessions(settings, told, found, notes);
    } else if (told != found && (settings.prepareThreshold() != 0 || settings.listens())) {
      notes.problem(
          "a pooler in transaction mode is in between, where prepared statements get lost and LISTEN"
              + " hears nothing",
          "Set PROFILE_PIC_DATABASE_CONNECTION=transaction for receiver and worker, and"
              + " BRIDGE_DATABASE_CONNECTION=transaction for the bridge, or connect directly or to the"
              + " pooler's port for sessions.");
    }
    notes.okIfNothingElse(
        switch (found) {
          case DIRECT -> "connections are direct";
          case SESSION -> "a pooler in session mode, and the services know it";
          case TRANSACTION -> "a pooler in transaction mode, and the services know it";
        });
  }

  private static void lookAtSessions(
      Settings settings, DatabaseConnection told, DatabaseConnection found, Notes notes) {
    boolean needless = settings.prepareThreshold() == 0 || !settings.listens();
    if (told == DatabaseConnection.TRANSACTION || needless) {
      notes.warning(
          "connections are "
              + (found == DatabaseConnection.DIRECT ? "direct" : "pooled by session")
              + ", yet the services are set up for a pooler in transaction mode",
          "Faster: PROFILE_PIC_DATABASE_CONNECTION="
              + (found == DatabaseConnection.DIRECT ? "direct" : "session")
              + ", without PROFILE_PIC_DATABASE_PREPARE_THRESHOLD and PROFILE_PIC_WORKER_LISTEN.");
    } else if (found == DatabaseConnection.SESSION && told == DatabaseConnection.DIRECT) {
      notes.warning(
          "a pooler in session mode is in between, of which the services do not know",
          "Set PROFILE_PIC_DATABASE_CONNECTION=session, and BRIDGE_DATABASE_CONNECTION=session for the"
              + " bridge: then connections are counted against the pooler's limit.");
    }
  }

  private static DatabaseConnection found(Settings settings, Database database)
      throws SQLException {
    if (isByTransaction(settings, database)) {
      return DatabaseConnection.TRANSACTION;
    }
    // A pooler shares the server's connections among clients. So it cannot give a client the
    // process id of a connection for cancelling, and makes up its own ids.
    var announced = database.connection().unwrap(PGConnection.class).getBackendPID();
    return database.text(BACKEND).equals(String.valueOf(announced))
        ? DatabaseConnection.DIRECT
        : DatabaseConnection.SESSION;
  }

  /**
   * Detects a pooler in transaction mode with two clients. They get the same backend, or a client
   * gets another backend after the other client's transaction.
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
