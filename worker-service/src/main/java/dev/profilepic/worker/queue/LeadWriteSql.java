package dev.profilepic.worker.queue;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The SQL that writes the CRM's rows (db-migrations, R__27). */
@Component
class LeadWriteSql {

  private static final String TIMEOUTS =
      "SET LOCAL lock_timeout = '50ms'; SET LOCAL statement_timeout = '2s'";

  private final JdbcTemplate jdbc;
  private final TransactionTemplate transaction;
  private final String settings;

  LeadWriteSql(
      JdbcTemplate jdbc, PlatformTransactionManager transactions, DatabaseProperties reached) {
    this.jdbc = jdbc;
    this.transaction = new TransactionTemplate(transactions);
    // A pooler's other clients would inherit a trace of it (R__27).
    this.settings =
        reached.connection().keepsSessions()
            ? TIMEOUTS + "; SET LOCAL synchronous_commit = off"
            : TIMEOUTS;
  }

  /** Returns leads whose rows should be written now. */
  List<String> due(int most) {
    return jdbc.queryForList("SELECT * FROM profile_pic.due_lead_writes(?)", String.class, most);
  }

  /**
   * Writes the rows of these leads in one transaction, which waits 50 ms for a lock and takes 2 s
   * at the most, the CRM's own triggers included. Except behind a pooler in transaction mode, the
   * commit does not wait for the disk: a crash of PostgreSQL that loses a row's new link also loses
   * the note that the link was written.
   *
   * @return the result for each lead: written, same, held, kept, stopped or gone
   */
  Map<String, String> write(List<String> leads) {
    var results =
        transaction.execute(status -> {
          jdbc.execute(settings);
          var found = new HashMap<String, String>();
          jdbc.query(
              "SELECT lead_id, result FROM profile_pic.write_leads(?)",
              row -> {
                found.put(row.getString(1), row.getString(2));
              },
              (Object) leads.toArray(String[]::new));
          return found;
        });
    return results == null ? Map.of() : results;
  }

  /** Notes that the CRM refused a lead's row, and why. */
  void failed(String lead, RuntimeException failure) {
    jdbc.query("SELECT profile_pic.lead_write_failed(?, ?)", row -> {}, lead, reason(failure));
  }

  private static String reason(Throwable failure) {
    @Nullable String message = failure.getMessage();
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return sql.getSQLState() + ": " + sql.getMessage();
      }
    }
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
