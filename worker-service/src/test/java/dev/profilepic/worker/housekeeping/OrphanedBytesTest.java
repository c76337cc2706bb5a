package dev.profilepic.worker.housekeeping;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** Bytes without a lead are removed, and bytes that a settle gives to a lead stay. */
class OrphanedBytesTest extends ChoresTest {

  @Test
  void bytesThatNoLeadHasGoAfterAnHour() {
    avatars("SELECT 'orphan-' || n, interval '2 h' FROM generate_series(1, 25) AS n");
    avatars("SELECT 'young-' || n, interval '59 min' FROM generate_series(1, 12) AS n");
    avatars("SELECT 'used-' || n, interval '2 h' FROM generate_series(1, 12) AS n");
    jdbc.update(
        "INSERT INTO profile_pic.pictures (lead_id, phone, storage_key, requested_at) SELECT n, '', 'used-' || n, now() FROM generate_series(1, 12) AS n");

    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.ORPHANS, 25L);

    assertThat(count("profile_pic.avatars WHERE storage_key NOT LIKE 'orphan-%'")).isEqualTo(24);
  }

  @Test
  void bytesThatASettleGivesToALeadAtThisMomentStay() throws SQLException {
    avatars("SELECT 'orphan', interval '2 h'");
    var settlement = claimed("orphan");

    try (var settling = database.dataSource().getConnection()) {
      settling.setAutoCommit(false);
      settle(settling, settlement);
      // The settle has found the bytes, but has not committed.
      assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.ORPHANS, 0L);
      settling.commit();
    }

    jdbc.update("DELETE FROM profile_pic.chores");
    assertThat(housekeeping.doWhatIsDue()).containsEntry(Chore.ORPHANS, 0L);
    assertThat(
            count(
                "profile_pic.pictures AS p JOIN profile_pic.avatars AS a USING (storage_key) WHERE p.state = 'STORED'"))
        .isEqualTo(1);
  }

  @Test
  void bytesThatWereRemovedAMomentAgoAreWrittenAnew() throws SQLException {
    avatars("SELECT 'orphan', interval '2 h'");
    var settlement = claimed("orphan");
    housekeeping.doWhatIsDue();

    try (var settling = database.dataSource().getConnection()) {
      settle(settling, settlement);
    }

    assertThat(count("profile_pic.avatars WHERE storage_key = 'orphan'")).isEqualTo(1);
  }

  /**
   * Claims the message of a new lead, and returns message, lead and the key of the stored bytes.
   */
  private String claimed(String storageKey) {
    jdbc.update("INSERT INTO public.leads (phone, instance_id) VALUES ('5562999212484', 'demo')");
    jdbc.execute(
        "SELECT profile_pic.enqueue(jsonb_agg(jsonb_build_object('lead_id', id, 'phone', phone))) FROM public.leads");
    jdbc.execute("SELECT profile_pic.adopt(6000000, 10)");
    String message =
        jdbc.queryForObject(
            "SELECT msg_id || ' ' || lead_id FROM profile_pic.claim(ARRAY['demo'], ARRAY[NULL::timestamptz], ARRAY[1], 1, '1 minute', NULL, 6000000) WHERE msg_id IS NOT NULL",
            String.class);
    return message + " " + storageKey;
  }

  private static void settle(Connection connection, String settlement) throws SQLException {
    var words = settlement.split(" ", -1);
    try (var statement =
        connection.prepareStatement(
            """
            SELECT count(*) FROM profile_pic.settle(ARRAY[?::bigint], ARRAY[1], ARRAY['complete'], ARRAY[0]::bigint[], ARRAY['STORED'],
              ARRAY[NULL::text], ARRAY[0], ARRAY[NULL::timestamptz], ARRAY[?::text], ARRAY['5562999212484'], ARRAY[NULL::text], ARRAY['demo'],
              ARRAY[now()], ARRAY[NULL::text], ARRAY[NULL::text], ARRAY['aa'], ARRAY['image/jpeg'], ARRAY[1], ARRAY[1], ARRAY[1], ARRAY[?::text],
              ARRAY['http://localhost/a'], ARRAY[1000]::bigint[], ARRAY[NULL::bigint], ARRAY[false], ARRAY[0], ARRAY[NULL::text], ARRAY[false],
              ARRAY['\\x01'::bytea], ARRAY[now()], 'test', false)
            """)) {
      statement.setString(1, words[0]);
      statement.setString(2, words[1]);
      statement.setString(3, words[2]);
      try (var rows = statement.executeQuery()) {
        rows.next();
        assertThat(rows.getInt(1)).isEqualTo(1);
      }
    }
  }
}
