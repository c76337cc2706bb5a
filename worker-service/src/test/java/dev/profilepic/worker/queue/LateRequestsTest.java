package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/**
 * Requests about one lead that arrive in another order than their events happened, or while the
 * lead's message ends.
 */
class LateRequestsTest extends QueueTest {

  private static final String ANOTHER_PHONE = "5562988887777";

  private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

  @Test
  void anOlderEventDoesNotReplaceTheNewerOneThatStillWaits() {
    var lead = fixture.lead();
    assertThat(ask(event(lead, 59))).containsExactly("queued");

    assertThat(ask(event(lead, 1))).containsExactly("duplicate");

    assertThat(fixture.claimOne().joined().url()).isNull();
    assertThat(fixture.queued()).isEqualTo(1);
  }

  @Test
  void aPhotoIsAsNewAsTheNewestEventThatJoinedItsMessage() {
    var lead = fixture.lead();
    ask(event(lead, 1));
    ask(event(lead, 59));
    settle(fixture.claimOne());

    assertThat(ask(event(lead, 30))).containsExactly("duplicate");
    assertThat(fixture.picture(lead)).containsEntry("source_url", link(59));
  }

  @Test
  void itIsStillThatNewAfterAnAttemptThatFailed() {
    var lead = fixture.lead();
    ask(event(lead, 1));
    ask(event(lead, 59));
    fixture.settle(Results.retry(fixture.claimOne(), Duration.ZERO));
    settle(fixture.claimOne());

    assertThat(ask(event(lead, 30))).containsExactly("duplicate");
    assertThat(fixture.picture(lead)).containsEntry("source_url", link(59));
  }

  @Test
  void aMessageThatComesBackStaysWithTheNumberThatHeardTheContactLast() {
    var lead = fixture.lead("dead");
    ask(request(lead, Map.of("instance_id", "dead")));
    ask(request(lead, Map.of("instance_id", "alive")));
    var first = fixture.claimOne();
    assertThat(first.instanceId()).isEqualTo("alive");

    fixture.settle(Results.retry(first, Duration.ZERO));

    assertThat(fixture.claimOne().instanceId()).isEqualTo("alive");
  }

  @Test
  void theNewestEventWinsInEveryOrderOfArrival() {
    for (int seed = 0; seed < 40; seed++) {
      var random = new Random(seed);
      var lead = fixture.lead();
      var order = new ArrayList<>(List.of(0, 10, 20));
      Collections.shuffle(order, random);
      var running = new ArrayList<Delivery>();
      for (int minute : order) {
        ask(event(lead, minute));
        if (random.nextInt(3) == 0) {
          running.addAll(fixture.claim(1));
        }
        if (random.nextInt(3) == 0) {
          running.forEach(this::settle);
          running.clear();
        }
      }
      do {
        running.forEach(this::settle);
        running.clear();
        running.addAll(fixture.claim(1));
      } while (!running.isEmpty());

      assertThat(fixture.picture(lead))
          .as("seed %d: %s", seed, order)
          .containsEntry("source_url", link(20));
    }
  }

  @Test
  void aRequestThatWaitsForAnotherLeadsAnswerGoesOnByItselfWhenMoreIsKnown() {
    var lead = fixture.lead();
    var sibling = fixture.lead();
    ask(request(lead, Map.of()), request(sibling, Map.of("sibling", true)));
    var running = fixture.claimOne();
    assertThat(ask(request(sibling, Map.of("profile_pic_url", link(1), "force_update", true))))
        .containsExactly("queued");

    fixture.settle(Results.complete(running, "NOT_SET"));

    var next = fixture.claimOne();
    assertThat(fixture.request(sibling)).containsEntry("message_id", next.lease().messageId());
    assertThat(next.joined().url()).isEqualTo(link(1));
    assertThat(next.joined().forced()).isTrue();
  }

  @Test
  void aPhotoIsNotHandedOnToALeadWhosePhoneChangedMeanwhile() {
    var lead = fixture.lead();
    var sibling = fixture.lead();
    ask(request(lead, Map.of()), request(sibling, Map.of("sibling", true)));
    var running = fixture.claimOne();
    ask(request(sibling, Map.of("phone", ANOTHER_PHONE)));

    fixture.settle(Results.stored(running, "aa", new byte[] {1}));

    assertThat(fixture.claimOne().joined().url()).isNull();
  }

  @Test
  void anotherPhoneThatComesWhileTheLeadsMessageEndsIsQueued() {
    assertThat(askWhileItsMessageEnds("complete", Map.of("phone", ANOTHER_PHONE)))
        .isEqualTo("queued");
  }

  @Test
  void anotherInstanceToo() {
    assertThat(askWhileItsMessageEnds("complete", Map.of("instance_id", "another")))
        .isEqualTo("queued");
  }

  @Test
  void aRequestThatComesWhileTheLeadIsGivenUpIsQueued() {
    assertThat(askWhileItsMessageEnds("dead", Map.of())).isEqualTo("queued");
  }

  @Test
  void theSameRequestThatComesWhileItsAnswerIsWrittenIsADuplicate() {
    assertThat(askWhileItsMessageEnds("complete", Map.of())).isEqualTo("duplicate");
  }

  /**
   * Ends a lead's message, and asks for the lead by a statement that began before: it waited for
   * the lead's row. Returns the status.
   */
  private String askWhileItsMessageEnds(String action, Map<String, Object> more) {
    var lead = fixture.lead();
    ask(request(lead, Map.of("instance_id", "demo")));
    var running = fixture.claimOne();
    fixture.settle(
        action.equals("dead")
            ? Results.dead(running, "NO_ANSWER")
            : Results.complete(running, "NOT_SET"));
    fixture.jdbc.execute(
        """
        UPDATE profile_pic.pictures SET next_check_at = now();
        CREATE FUNCTION public.ask_meanwhile(request jsonb) RETURNS text LANGUAGE plpgsql AS $$
        BEGIN
          UPDATE profile_pic.requests SET served_at = statement_timestamp() WHERE served_at IS NOT NULL;
          RETURN (SELECT status FROM profile_pic.enqueue(request));
        END $$
        """);
    return fixture.one(
        String.class, "SELECT public.ask_meanwhile(?::jsonb)", json(List.of(request(lead, more))));
  }

  @SafeVarargs
  private List<String> ask(Map<String, Object>... requests) {
    return fixture.jdbc.queryForList(
        "SELECT status FROM profile_pic.enqueue(?::jsonb) ORDER BY ordinal",
        String.class,
        json(List.of(requests)));
  }

  private static String json(Object value) {
    return JsonMapper.builder().build().writeValueAsString(value);
  }

  private Map<String, Object> event(String lead, int minute) {
    return request(
        lead,
        Map.of(
            "profile_pic_url",
            link(minute),
            "timestamp",
            START.plus(Duration.ofMinutes(minute)).toString()));
  }

  private static Map<String, Object> request(String lead, Map<String, Object> more) {
    var request = new LinkedHashMap<String, Object>();
    request.put("lead_id", lead);
    request.put("phone", Results.PHONE);
    request.putAll(more);
    return request;
  }

  private static String link(int minute) {
    return "https://pps.whatsapp.net/" + minute;
  }

  /** Stores the photo of the newest link that the delivery knows, as a worker would. */
  private void settle(Delivery delivery) {
    var url = delivery.joined().url();
    var minute =
        url == null
            ? JsonMapper.builder()
                .build()
                .readTree(delivery.message())
                .get("profile_pic_url")
                .asString()
                .replaceAll(".*/", "")
            : url.replaceAll(".*/", "");
    fixture.settle(Results.stored(delivery, minute, new byte[] {1}));
  }
}
