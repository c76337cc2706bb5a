package dev.profilepic.faults;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;

/**
 * Rows and snapshots that sessions of the CRM hold. Each of these faults lasts for most of a run,
 * so each fault is a separate kind: other faults strike meanwhile.
 */
final class CrmFaults {

  private static final int HELD_LEADS = 1_000;
  private static final Duration LONG_EDIT = Duration.ofSeconds(30);
  private static final Duration FORGOTTEN_COMMIT = Duration.ofMinutes(10);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  private final ChaosRun run;
  private final Crm crm;

  CrmFaults(ChaosRun run, Crm crm) {
    this.run = run;
    this.crm = crm;
  }

  Fault heldLeads() {
    return new Fault("CRM holds 1,000 leads", this::holdLeads);
  }

  Fault heldSnapshot() {
    return new Fault("snapshot held", this::holdSnapshot);
  }

  /**
   * Locks leads that wait for their photo: no worker wants to write a lead that already has a
   * photo.
   */
  private void holdLeads() throws SQLException, InterruptedException {
    var leads = crm.addLeads(HELD_LEADS, Crm.INSTANCE);
    try (var session = crm.connect();
        var edit =
            session.prepareStatement(
                """
                SELECT FROM public.leads WHERE id IN (
                  SELECT id FROM public.leads WHERE instance_id = ? AND profile_pic_url IS NULL ORDER BY random() LIMIT ?)
                FOR UPDATE SKIP LOCKED
                """)) {
      session.setAutoCommit(false);
      edit.setString(1, Crm.INSTANCE);
      edit.setInt(2, HELD_LEADS);
      edit.execute();
      crm.requestFor(leads);
      hold(session, LONG_EDIT);
    }
  }

  /**
   * Holds a snapshot, like a session that forgot to commit: no dead row can be removed meanwhile.
   */
  private void holdSnapshot() throws SQLException, InterruptedException {
    try (var session = crm.connect();
        var query = session.createStatement()) {
      session.setAutoCommit(false);
      session.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      query.execute("SELECT count(*) FROM public.leads");
      hold(session, FORGOTTEN_COMMIT);
    }
  }

  /**
   * Keeps a transaction open for the given time. A crash of the server ends the transaction
   * earlier.
   */
  private void hold(Connection session, Duration time) throws InterruptedException {
    var end = Instant.now().plus(time);
    while (Instant.now().isBefore(end) && run.pause(BETWEEN_LOOKS)) {
      try (var look = session.createStatement()) {
        look.execute("SELECT 1");
      } catch (SQLException lost) {
        return;
      }
    }
  }
}
