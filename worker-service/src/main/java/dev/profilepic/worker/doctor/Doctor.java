package dev.profilepic.worker.doctor;

import dev.profilepic.worker.doctor.Check.Need;
import dev.profilepic.worker.doctor.Finding.Level;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Runs all checks. A check comes after the checks that it builds on. */
final class Doctor {

  private static final List<Check> CHECKS =
      List.of(
          new SettingsCheck(),
          new DatabaseCheck(),
          new PoolerCheck(),
          new ConnectionsCheck(),
          new QueueCheck(),
          new MigrationsCheck(),
          new LeadsTableCheck(),
          new TriggersCheck(),
          new RolesCheck(),
          new RowSecurityCheck(),
          new ApiKeysCheck(),
          new DiskCheck(),
          new SnapshotsCheck(Duration.ofMinutes(10)),
          new DeadRowsCheck(),
          new BacklogCheck(),
          new ChoresCheck(),
          new ReadinessCheck("receiver"),
          new ReadinessCheck("worker"),
          new WebhookCheck(),
          new PhotoLinksCheck(),
          new BridgeCheck(),
          new InstancesCheck(),
          new ClockCheck());

  /**
   * The findings of all checks.
   *
   * @param leftOut names of the checks that did not run, because a part that they need is away
   */
  record Report(List<Finding> findings, List<String> leftOut) {

    long count(Level level) {
      return findings.stream().filter(finding -> finding.level() == level).count();
    }
  }

  private final Settings settings;
  private final InstantSource clock;

  Doctor(Settings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
  }

  Report examine() throws InterruptedException {
    var findings = new ArrayList<Finding>();
    var leftOut = new ArrayList<String>();
    try (var setup = new Setup(settings, clock)) {
      for (var check : CHECKS) {
        if (has(check.need(), setup)) {
          findings.addAll(look(check, setup));
        } else {
          leftOut.add(check.name());
        }
      }
    } catch (SQLException notClosed) {
      // The connection could not be closed. All findings are complete by then.
    }
    return new Report(findings, leftOut);
  }

  private static List<Finding> look(Check check, Setup setup) throws InterruptedException {
    var notes = new Notes(check.name());
    try {
      check.look(setup, notes);
    } catch (SQLException refused) {
      notes.problem(
          "the database refused: " + Database.why(refused),
          "Run the doctor as the user that runs the migrations (PROFILE_PIC_DATABASE_USER), and"
              + " the migrations if they did not run.");
    } catch (IOException away) {
      notes.problem("could not be looked at: " + Web.why(away), "Is the url right?");
    }
    return notes.findings();
  }

  private static boolean has(Need need, Setup setup) {
    try {
      return switch (need) {
        case NOTHING -> true;
        case DATABASE -> !setup.database().text("SELECT 1").isEmpty();
        case SCHEMA ->
            setup
                .database()
                .isTrue(
                    "SELECT to_regclass('profile_pic.pictures') IS NOT NULL AND to_regclass('pgmq.q_profile_pic_queue') IS NOT NULL");
      };
    } catch (SQLException away) {
      return false;
    }
  }
}
