package dev.profilepic.worker.housekeeping;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/**
 * The worker that does the chores, the time when each chore is due, and the effect of a failing
 * chore on the other chores.
 */
class HousekeepingTest extends ChoresTest {

  @Test
  void leadsOfWhichNoneIsToBeSeenAreAnAlarmAndNotForgotten() {
    jdbc.update(
        "INSERT INTO profile_pic.pictures (lead_id, phone, requested_at) SELECT 'unseen-' || n, '5562999212484', now() FROM generate_series(1, 10) AS n");

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.DELETED_LEADS, 0L);
    housekeeping.lookAtWarnings();

    assertThat(count("profile_pic.pictures")).isEqualTo(10);
    assertThat(
            jdbc.queryForObject(
                "SELECT warning FROM profile_pic.chores WHERE chore = 'deleted_leads'",
                String.class))
        .contains("none of 10 leads");
    assertThat(meters.get("profilepic.housekeeping.warnings").gauge().value()).isEqualTo(1);

    jdbc.update("DELETE FROM profile_pic.pictures");
    jdbc.update("UPDATE profile_pic.chores SET done_at = now() - interval '1 day'");
    housekeeping.doWhatIsDue();
    housekeeping.lookAtWarnings();
    assertThat(meters.get("profilepic.housekeeping.warnings").gauge().value()).isZero();
  }

  @Test
  void whileAnotherWorkerLeadsNothingIsDone() throws SQLException {
    avatars("SELECT 'orphan', interval '2 h'");
    try (var leader = database.dataSource().getConnection()) {
      leader.setAutoCommit(false);
      leader
          .createStatement()
          .execute("SELECT pg_advisory_xact_lock(hashtextextended('profile_pic.housekeeping', 0))");

      assertThat(housekeeping.doWhatIsDue()).isEmpty();
      assertThat(count("profile_pic.avatars")).isEqualTo(1);
      leader.rollback();
    }

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.ORPHANS, 1L);
  }

  @Test
  void whatOneWorkerHasDoneIsNotDueForAnother() {
    assertThat(housekeeping.doWhatIsDue()).containsOnlyKeys(Chore.values());
    avatars("SELECT 'orphan', interval '2 h'");

    assertThat(housekeeping().doWhatIsDue()).isEmpty();

    jdbc.update("UPDATE profile_pic.chores SET done_at = now() - interval '61 minutes'");
    assertThat(housekeeping().doWhatIsDue()).containsEntry(Chore.ORPHANS, 1L);
  }

  @Test
  void aChoreThatFailsHoldsUpNoOtherAndStaysDue() {
    jdbc.execute("ALTER FUNCTION profile_pic.forget_archive RENAME TO away");
    assertThat(housekeeping.doWhatIsDue()).hasSize(Chore.values().length - 1);

    jdbc.execute("ALTER FUNCTION profile_pic.away RENAME TO forget_archive");
    assertThat(housekeeping.doWhatIsDue()).containsOnlyKeys(Chore.ARCHIVE);
  }
}
