package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.DriverManager;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bulk syncs go on regardless of the result of one lead, and an older worker does no harm. */
class FeedingTest extends QueueTest {

  @Test
  void aLeadThatSomebodyHoldsStopsTheFeedingOfNoOther() throws Exception {
    var leads = List.of(fixture.lead(), fixture.lead(), fixture.lead());
    leads.forEach(lead -> {
      fixture.enqueue(lead);
      fixture.settle(Results.complete(fixture.claimOne(), "NOT_SET"));
    });
    fixture.jdbc.update(
        "INSERT INTO profile_pic.syncs (instance_id, kind, total, batch_size, force_update) VALUES ('demo', 'list', 3, 10, true)");
    leads.forEach(lead ->
        fixture.jdbc.update(
            "INSERT INTO profile_pic.sync_items (sync_id, lead_id, phone) SELECT id, ?, '5562999212484' FROM profile_pic.syncs",
            lead));
    try (var holder = DriverManager.getConnection(fixture.jdbcUrl())) {
      holder.setAutoCommit(false);
      try (var statement = holder.createStatement()) {
        statement.execute(
            "SELECT FROM profile_pic.requests WHERE lead_id = '" + leads.get(1) + "' FOR UPDATE");
      }

      assertThat(feed()).isEqualTo(2);
      holder.rollback();
    }

    assertThat(feed()).isEqualTo(1);
    assertThat(fixture.queued()).isEqualTo(3);
  }

  @Test
  void aWorkerOfTheReleaseBeforeClaimsNothingSaysWhyAndSettlesNothing() {
    long message = fixture.enqueue(fixture.lead());

    assertThatThrownBy(() ->
            fixture.jdbc.queryForList(
                "SELECT * FROM profile_pic.claim(10, 10, interval '1 minute', NULL, 60)"))
        .hasMessageContaining("this worker is older than the database");
    assertThat(
            fixture.jdbc.queryForList(
                "SELECT * FROM profile_pic.settle('[{\"msg_id\": 1, \"read_ct\": 1, \"action\": \"complete\"}]'::jsonb, '{}'::bytea[], false)"))
        .isEmpty();

    assertThat(fixture.claimOne().lease()).isEqualTo(new Lease(message, 1));
  }

  @Test
  void theMessageOfAPersonWhoIsErasedWhileItRunsReachesNoArchive() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    fixture.send("{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead));
    var running = fixture.claim(2);

    fixture.jdbc.queryForList("SELECT profile_pic.erase(?)", lead);
    fixture.queue.settle(
        running.stream().map(it -> Results.stored(it, "aa", new byte[] {1})).toList(),
        "test",
        true);

    assertThat(fixture.queued()).isZero();
    assertThat(fixture.count("pgmq.a_profile_pic_queue")).isZero();
    assertThat(fixture.picture(lead)).containsEntry("state", "ERASED").containsEntry("phone", "");
    assertThat(fixture.count("profile_pic.avatars")).isZero();
  }

  @Test
  void ofTwoResultsOfOneMomentTheLaterMessagesCounts() {
    var lead = fixture.lead();
    var message =
        "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\", \"timestamp\": \"2026-11-22T12:00:00Z\"}"
            .formatted(lead);
    fixture.send(message);
    fixture.send(message);
    var both = fixture.claim(2);

    fixture.settle(Results.stored(both.get(1), "later", new byte[] {1}));
    fixture.settle(Results.stored(both.get(0), "earlier", new byte[] {1}));

    assertThat(fixture.picture(lead)).containsEntry("sha256", "later");
  }

  @Test
  void unchangedComparedWithBytesThatAreNotTheLeadsAnyMoreLooksAgain() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    fixture.settle(Results.stored(fixture.claimOne(), "aa", new byte[] {1}));
    fixture.send("{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead));
    fixture.send("{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead));
    var both = fixture.claim(2);
    fixture.settle(Results.stored(both.get(0), "bb", new byte[] {2}));

    fixture.settle(Results.complete(both.get(1), "UNCHANGED"));

    assertThat(fixture.picture(lead)).containsEntry("sha256", "bb");
    var again = fixture.claimOne();
    assertThat(again.lease().messageId()).isEqualTo(both.get(1).lease().messageId());
    assertThat(again.attempts()).isZero();
    assertThat(java.util.Objects.requireNonNull(again.lead()).sha256()).isEqualTo("bb");
  }

  private long feed() {
    return fixture.one(Long.class, "SELECT profile_pic.feed_syncs(6000, '5 s')");
  }
}
