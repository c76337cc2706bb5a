package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/**
 * Requests that arrive while a lead's message is pending or running join this message, and no
 * request is lost.
 */
class JoinedRequestsTest extends QueueTest {

  private static final String LINK = "https://pps.whatsapp.net/v/1.jpg?oe=7FFFFFFF";

  @Test
  void aSequenceThatWasSetBackGivesNoMessageAnotherOnesId() {
    setMessageIds(5_000);
    long before = fixture.enqueue(fixture.lead());
    fixture.queue.heal(0, 100);

    setMessageIds(1);
    assertThat(fixture.queue.setupProblems()).as("what a service asks when it starts").isEmpty();

    assertThat(fixture.enqueue(fixture.lead())).isGreaterThan(before);
    setMessageIds(1);
    fixture.queue.heal(0, 100);
    assertThat(fixture.enqueue(fixture.lead())).isGreaterThan(before);
  }

  @Test
  void aForcedRequestThatArrivesWhileItsLeadIsWorkedOnIsServedAfterwards() {
    var lead = fixture.lead();
    assertThat(ask(lead, Map.of("force_update", true))).isEqualTo("queued");
    var running = fixture.claimOne();

    assertThat(ask(lead, Map.of("force_update", true))).isEqualTo("queued");
    assertThat(ask(lead, Map.of("force_update", true)))
        .as("one that follows serves both")
        .isEqualTo("duplicate");
    fixture.settle(Results.complete(running, "NOT_SET"));

    var next = fixture.claimOne();
    assertThat(next.lease().messageId()).isNotEqualTo(running.lease().messageId());
    assertThat(next.message()).contains("\"force_update\": true");
    fixture.settle(Results.complete(next, "NOT_SET"));
    assertThat(fixture.queued()).isZero();
    assertThat(fixture.request(lead)).containsEntry("message_id", null);
  }

  @Test
  void oneThatStillWaitsServesEveryForcedRequest() {
    var lead = fixture.lead();
    ask(lead, Map.of());

    assertThat(ask(lead, Map.of("force_update", true))).as("passes once").isEqualTo("queued");
    assertThat(ask(lead, Map.of("force_update", true))).isEqualTo("duplicate");

    assertThat(fixture.queued()).isEqualTo(1);
    assertThat(fixture.claimOne().joined().forced()).isTrue();
  }

  @Test
  void anUnforcedEventThatBringsNothingNewChangesNothing() {
    var lead = fixture.lead();
    ask(lead, Map.of());
    var before = fixture.request(lead);
    assertThat(ask(lead, Map.of())).isEqualTo("duplicate");
    assertThat(fixture.request(lead)).isEqualTo(before);

    var running = fixture.claimOne();
    assertThat(ask(lead, Map.of())).isEqualTo("duplicate");
    fixture.settle(Results.complete(running, "NOT_SET"));

    assertThat(fixture.queued()).isZero();
  }

  @Test
  void aLinkThatArrivesWhileAMessageWaitsIsUsedWithoutALookup() {
    var lead = fixture.lead();
    ask(lead, Map.of());

    assertThat(ask(lead, Map.of("profile_pic_url", LINK))).isEqualTo("queued");
    assertThat(ask(lead, Map.of("profile_pic_url", LINK.replace("oe=7", "oe=6"))))
        .as("the same picture under another signature")
        .isEqualTo("duplicate");

    var delivery = fixture.claimWithPace(1, 1).deliveries().getFirst();
    assertThat(delivery.joined().url()).isEqualTo(LINK);
    assertThat(delivery.lookupPaid()).isFalse();
    assertThat(fixture.count("profile_pic.pace_states")).as("no token was spent").isZero();
  }

  @Test
  void aLinkThatArrivesWhileItsLeadIsWorkedOnIsUsedByTheNextMessage() {
    var lead = fixture.lead();
    ask(lead, Map.of());
    var running = fixture.claimOne();

    ask(lead, Map.of("profile_pic_url", LINK));
    fixture.settle(Results.complete(running, "NOT_SET"));

    assertThat(fixture.claimOne().message()).contains(LINK);
  }

  @Test
  void aMessageThatComesBackTakesAlongWhatJoinedItAndWaitsNoLonger() {
    var lead = fixture.lead();
    long message = fixture.enqueue(lead);
    var running = fixture.claimOne();
    ask(lead, Map.of("profile_pic_url", LINK));

    fixture.settle(Results.retry(running, Duration.ofMinutes(30)));

    var again = fixture.claimOne();
    assertThat(again.lease().messageId()).isEqualTo(message);
    assertThat(again.attempts()).isEqualTo(1);
    assertThat(again.joined().url()).isEqualTo(LINK);
  }

  @Test
  void eventsOfALiveNumberAreNotSwallowedBehindADeadOnesMessage() {
    var lead = fixture.lead("dead");
    long message = ask(lead, "dead");
    fixture.settle(Results.defer(fixture.claimOne(), Duration.ofHours(1), null));
    assertThat(fixture.claim(1)).isEmpty();

    assertThat(ask(lead, Map.of("instance_id", "alive"))).isEqualTo("queued");

    var delivery = fixture.claimOne();
    assertThat(delivery.lease().messageId()).isEqualTo(message);
    assertThat(delivery.instanceId()).isEqualTo("alive");
  }

  @Test
  void aMessageThatWaitsMovesToTheLineOfTheNumberThatHeardTheContactLast() {
    var lead = fixture.lead("paused");
    fixture.jdbc.queryForList("SELECT profile_pic.pause_instance('paused')");
    ask(lead, Map.of());
    assertThat(fixture.claim(1)).isEmpty();

    ask(lead, Map.of("instance_id", "alive"));

    assertThat(fixture.claimOne().instanceId()).isEqualTo("alive");
  }

  @Test
  void aPendingMessageThatSomebodyRemovedByHandCountsAsNone() {
    var lead = fixture.lead();
    ask(lead, Map.of());
    fixture.jdbc.update("DELETE FROM pgmq.q_profile_pic_queue");

    assertThat(ask(lead, Map.of())).isEqualTo("queued");

    assertThat(fixture.queued()).isEqualTo(1);
    assertThat(fixture.claim(5)).hasSize(1);
  }

  @Test
  void aRequestThatJoinsTheTriggersMessageWhileItEndsIsServed() throws SQLException {
    try (var crm = QueueFixture.withTriggers();
        var receiver = crm.dataSource().getConnection()) {
      var lead = crm.lead();
      crm.settle(Results.retry(crm.claimOne(), Duration.ZERO));
      var last = Results.complete(crm.claimOne(), "NOT_SET");
      receiver.setAutoCommit(false);
      ask(receiver, lead, true);

      assertThatThrownBy(() -> crm.settle(last))
          .as("waits for the receiver, or the request would join a message that is gone")
          .hasMessageContaining("lock timeout");
      receiver.commit();
      crm.settle(last);

      crm.settle(Results.complete(crm.claimOne(), "NOT_SET"));
      assertThat(crm.request(lead)).containsEntry("message_id", null);
      assertThat(crm.queued()).isZero();
    }
  }

  @Test
  void aRequestThatJoinsTheTriggersMessageWhileThePersonIsErasedLeavesNothing()
      throws SQLException {
    try (var crm = QueueFixture.withTriggers();
        var receiver = crm.dataSource().getConnection()) {
      var lead = crm.lead();
      crm.settle(Results.retry(crm.claimOne(), Duration.ZERO));
      receiver.setAutoCommit(false);
      ask(receiver, lead, false);

      assertThatThrownBy(() -> crm.jdbc.queryForList("SELECT profile_pic.erase(?)", lead))
          .hasMessageContaining("lock timeout");
      receiver.commit();
      crm.jdbc.queryForList("SELECT profile_pic.erase(?)", lead);

      assertThat(crm.count("profile_pic.requests")).isZero();
      assertThat(crm.queued()).isZero();
    }
  }

  @Test
  void twinsInOneBatchCollapseToTheNewestAndKeepLinkAndForceOfAny() {
    var lead = fixture.lead();
    var requests =
        List.of(
            Map.of("lead_id", lead, "phone", Results.PHONE, "profile_pic_url", LINK),
            Map.of("lead_id", lead, "phone", Results.PHONE, "force_update", true),
            Map.of("lead_id", lead, "phone", Results.PHONE));

    var statuses =
        fixture.jdbc.queryForList(
            "SELECT status FROM profile_pic.enqueue(?::jsonb) ORDER BY ordinal",
            String.class,
            json(requests));

    assertThat(statuses).containsOnlyOnce("queued").filteredOn("duplicate"::equals).hasSize(2);
    assertThat(fixture.claimOne().message()).contains(LINK).contains("\"force_update\": true");
  }

  @Test
  void aCallerThatIsBoundToOtherInstancesSeesNoSuchLead() {
    var theirs = fixture.lead("inst_b");
    var nobodys = fixture.lead(null);

    assertThat(askAs("inst_a", theirs, null)).isEqualTo("unknown_lead");
    assertThat(askAs("inst_a", nobodys, "inst_b")).isEqualTo("unknown_lead");
    assertThat(askAs("inst_a,inst_b", theirs, null)).isEqualTo("queued");
    assertThat(askAs("inst_a", nobodys, "inst_a")).isEqualTo("queued");
    assertThat(askAs(null, nobodys, "inst_b")).isEqualTo("queued");
    assertThat(
            fixture.count(
                "profile_pic.requests WHERE lead_id = ? AND instance_id = 'inst_a'", nobodys))
        .isEqualTo(1);
  }

  private String askAs(
      @org.jspecify.annotations.Nullable String caller,
      String lead,
      @org.jspecify.annotations.Nullable String instance) {
    return fixture.one(
        String.class,
        """
        SELECT status FROM profile_pic.enqueue(ARRAY[?::text], ARRAY['5562999212484'], ARRAY[NULL::text], ARRAY[?::text], ARRAY[now()],
          ARRAY['webhook'], ARRAY[false], ARRAY[false], ARRAY[NULL::text], ARRAY[?::text])
        """,
        lead,
        instance,
        caller);
  }

  private long ask(String lead, String instance) {
    return fixture.enqueue(
        Map.of("lead_id", lead, "phone", Results.PHONE, "instance_id", instance));
  }

  private String ask(String lead, Map<String, Object> more) {
    var request = new LinkedHashMap<String, Object>(more);
    request.put("lead_id", lead);
    request.put("phone", Results.PHONE);
    return fixture.one(
        String.class, "SELECT status FROM profile_pic.enqueue(?::jsonb)", json(List.of(request)));
  }

  private static void ask(Connection receiver, String lead, boolean forced) throws SQLException {
    try (var enqueue = receiver.prepareStatement("SELECT * FROM profile_pic.enqueue(?::jsonb)")) {
      var request = Map.of("lead_id", lead, "phone", Results.PHONE, "force_update", forced);
      enqueue.setString(1, json(List.of(request)));
      enqueue.executeQuery();
    }
  }

  private static String json(Object value) {
    return JsonMapper.builder().build().writeValueAsString(value);
  }

  private void setMessageIds(long last) {
    fixture.jdbc.queryForList(
        "SELECT setval(pg_get_serial_sequence('pgmq.q_profile_pic_queue', 'msg_id'), ?)", last);
  }
}
