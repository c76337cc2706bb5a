package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimTest extends QueueTest {

  @Test
  void aMessageIsLeasedOnceWithWhatIsKnownOfItsLead() {
    var lead = fixture.lead("usuario_1");
    long message = fixture.enqueue(lead);

    var delivery = fixture.claimOne();

    assertThat(delivery.lease()).isEqualTo(new Lease(message, 1));
    assertThat(delivery.deliveries()).isEqualTo(1);
    assertThat(delivery.attempts()).isZero();
    assertThat(delivery.instanceId()).isEqualTo("usuario_1");
    assertThat(delivery.lead())
        .isEqualTo(new Delivery.Lead(lead, Results.PHONE, "PENDING", null, null, 0, false));
    assertThat(delivery.lookupPaid()).isTrue();
    assertThat(fixture.claim(10)).isEmpty();
  }

  @Test
  void aClaimTakesNoMoreThanAskedAndOldestFirst() {
    long first = fixture.enqueue(fixture.lead());
    fixture.enqueue(fixture.lead());
    fixture.enqueue(fixture.lead());

    assertThat(fixture.claim(1))
        .extracting(delivery -> delivery.lease().messageId())
        .containsExactly(first);
    assertThat(fixture.claim(10)).hasSize(2);
  }

  @Test
  void aLeaseThatRanOutIsDeliveredAgainUnderANewToken() {
    long message = fixture.enqueue(fixture.lead());
    fixture.claimOne();

    fixture.expireLease(message);

    var again = fixture.claimOne();
    assertThat(again.lease()).isEqualTo(new Lease(message, 2));
    assertThat(again.deliveries()).isEqualTo(2);
    assertThat(again.attempts()).as("a lost lease is no failure").isZero();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "null",
        "7",
        "\"text\"",
        "[]",
        "{}",
        "{\"lead_id\": {}}",
        "{\"lead_id\": \"not-a-uuid\", \"phone\": \"1\"}"
      })
  void whatNamesNoLeadIsDeliveredWithoutHarmToItsBatchMates(String json) {
    long bad = fixture.send(json);
    long good = fixture.enqueue(fixture.lead());

    var deliveries = fixture.claim(10);

    assertThat(deliveries)
        .extracting(delivery -> delivery.lease().messageId())
        .containsExactlyInAnyOrder(bad, good);
    assertThat(deliveries)
        .filteredOn(delivery -> delivery.lease().messageId() == bad)
        .allSatisfy(delivery -> assertThat(delivery.lead()).isNull());
  }

  @Test
  void aLeadIdIsFoundInAnyNotationOfItsType() {
    var lead = fixture.lead();
    fixture.send(
        "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}"
            .formatted(lead.toUpperCase(java.util.Locale.ROOT)));

    assertThat(fixture.claimOne().lead()).extracting(Delivery.Lead::id).isEqualTo(lead);
  }

  @Test
  void bookkeepingThatASenderWroteIntoTheHeadersIsIgnored() {
    var lead = fixture.lead();
    fixture.jdbc.queryForList(
        "SELECT pgmq.send('profile_pic_queue', ?::jsonb, '{\"attempts\": 99, \"returned\": 99, \"traceparent\": \"00-abc-def-01\"}'::jsonb)",
        "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead));

    var delivery = fixture.claimOne();

    assertThat(delivery.attempts()).isZero();
    assertThat(delivery.deliveries()).isEqualTo(1);
    assertThat(delivery.traceparent()).isEqualTo("00-abc-def-01");
    assertThat(fixture.settle(Results.complete(delivery, "NOT_SET")))
        .containsExactly(delivery.lease().messageId());
  }

  @Test
  void theInstanceIsTheMessagesOwnElseTheLeadsElseTheDefault() {
    var withOwn = fixture.lead("of-the-lead");
    fixture.enqueue(
        Map.of("lead_id", withOwn, "phone", "5562999212484", "instance_id", "of-the-message"));
    fixture.enqueue(
        Map.of(
            "lead_id",
            fixture.lead("of-the-lead"),
            "phone",
            "5562999212484",
            "instance_id",
            "unknown"));
    fixture.enqueue(fixture.lead(null));

    var claim = fixture.claim(10, QueueFixture.FAST_PACE, "the-default");

    assertThat(claim.deliveries())
        .extracting(Delivery::instanceId)
        .containsExactlyInAnyOrder("of-the-message", "of-the-lead", "the-default");
  }

  @Test
  void adoptingSaysWhenTheNextMessageBecomesDue() {
    assertThat(fixture.queue.adopt(60, 10).nextDue()).isNull();

    fixture.jdbc.queryForList("SELECT pgmq.send('profile_pic_queue', '{}'::jsonb, 30)");

    assertThat(fixture.queue.adopt(60, 10).nextDue())
        .isBetween(Duration.ofSeconds(20), Duration.ofSeconds(30));
  }
}
