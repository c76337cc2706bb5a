package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaseTest extends QueueTest {

  @Test
  void aRenewedLeaseLastsLonger() {
    fixture.enqueue(fixture.lead());
    var lease = fixture.claimOne().lease();

    assertThat(fixture.queue.renew(List.of(lease), Duration.ofHours(1)))
        .containsExactly(lease.messageId());

    assertThat(fixture.count("pgmq.q_profile_pic_queue WHERE vt > now() + interval '59 min'"))
        .isEqualTo(1);
  }

  @Test
  void aLostLeaseCannotBeRenewed() {
    long message = fixture.enqueue(fixture.lead());
    var late = fixture.claimOne().lease();
    fixture.expireLease(message);
    var current = fixture.claimOne().lease();

    assertThat(fixture.queue.renew(List.of(late), Duration.ofHours(1))).isEmpty();
    assertThat(fixture.queue.renew(List.of(current), Duration.ofHours(1))).containsExactly(message);
  }

  @Test
  void aRowThatAStrangerHoldsDelaysNoOtherLease() throws Exception {
    long held = fixture.enqueue(fixture.lead());
    long free = fixture.enqueue(fixture.lead());
    var leases = fixture.claim(2).stream().map(Delivery::lease).toList();

    try (var stranger = DriverManager.getConnection(fixture.jdbcUrl())) {
      stranger.setAutoCommit(false);
      stranger
          .createStatement()
          .execute(
              "SELECT FROM pgmq.q_profile_pic_queue WHERE msg_id = %d FOR UPDATE".formatted(held));
      fixture.waitForLocksAtMost("1s");

      assertThat(fixture.queue.renew(leases, Duration.ofHours(1)))
          .as("a lease that could not be prolonged is not lost")
          .containsExactlyInAnyOrder(held, free);
      assertThat(fixture.queue.release(leases)).containsExactly(free);
    }
    assertThat(fixture.count("pgmq.q_profile_pic_queue WHERE vt < now() + interval '2 min'"))
        .as("the lease that runs out")
        .isEqualTo(1);
  }

  @Test
  void aReleasedMessageIsDueAtOnceAndUncounted() {
    fixture.enqueue(fixture.lead());
    var lease = fixture.claimOne().lease();

    assertThat(fixture.queue.release(List.of(lease))).containsExactly(lease.messageId());

    var again = fixture.claimOne();
    assertThat(again.lease()).isEqualTo(new Lease(lease.messageId(), 2));
    assertThat(again.deliveries()).isEqualTo(1);
    assertThat(again.attempts()).isZero();
  }

  @Test
  void whatWasReleasedCanNeitherBeSettledNorRenewedNorReleasedAgain() {
    fixture.enqueue(fixture.lead());
    var delivery = fixture.claimOne();
    fixture.queue.release(List.of(delivery.lease()));

    assertThat(fixture.settle(Results.complete(delivery, "NOT_SET"))).isEmpty();
    assertThat(fixture.queue.renew(List.of(delivery.lease()), Duration.ofHours(1))).isEmpty();
    assertThat(fixture.queue.release(List.of(delivery.lease()))).isEmpty();
    assertThat(fixture.queued()).isEqualTo(1);
  }

  @Test
  void deliveriesThatEndWithoutAResultAreCounted() {
    long message = fixture.enqueue(fixture.lead());
    for (int i = 0; i < 20; i++) {
      fixture.claimOne();
      fixture.expireLease(message);
    }

    assertThat(fixture.claimOne().deliveries()).isEqualTo(21);
  }
}
