package dev.profilepic.faults;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;

/**
 * What sessions of the CRM hold on to. Each of these is about for most of a run, so each is a kind
 * of its own: other faults strike meanwhile.
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

  /** Leads that wait for their photo: those that have one already, nobody would want to write. */
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

  /** Somebody who forgot to commit: no dead row can be removed meanwhile. */
  private void holdSnapshot() throws SQLException, InterruptedException {
    try (var session = crm.connect();
        var query = session.createStatement()) {
      session.setAutoCommit(false);
      session.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      query.execute("SELECT count(*) FROM public.leads");
      hold(session, FORGOTTEN_COMMIT);
    }
  }

  /** Keeps a transaction open for so long; a crash of the server ends it before. */
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
