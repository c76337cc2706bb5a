package dev.profilepic.receiver.instances;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.receiver.support.QueueHand;
import dev.profilepic.receiver.support.ReceiverTest;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class InstancesTest extends ReceiverTest {

  private final String id = "inst_" + UUID.randomUUID();

  @Test
  void paceAndQuietHoursAreSetAndTakenBack() {
    var set =
        http.patch(
                "/instances/" + id,
                "{\"pace_per_minute\": 30, \"quiet_hours\": {\"from\": \"22:00\", \"to\": \"07:00\", \"zone\": \"America/Sao_Paulo\"}}")
            .json();
    var reset =
        http.patch("/instances/" + id, "{\"pace_per_minute\": null, \"quiet_hours\": null}").json();

    assertThat(set.path("pace_per_minute").asInt()).isEqualTo(30);
    assertThat(set.at("/quiet_hours/from").asString()).isEqualTo("22:00");
    assertThat(reset.path("pace_per_minute").isNull()).isTrue();
    assertThat(reset.path("quiet_hours").isNull()).isTrue();
    assertThat(http.get("/instances").text()).contains(id);
  }

  @Test
  void whatIsNotNamedStays() {
    http.patch("/instances/" + id, "{\"pace_per_minute\": 30}");

    assertThat(
            http.patch("/instances/" + id, "{\"paused\": true}")
                .json()
                .path("pace_per_minute")
                .asInt())
        .isEqualTo(30);
  }

  @Test
  void quietHoursAreThoseOfARegionWhoeverSetsThem() {
    http.patch(
        "/instances/" + id,
        "{\"quiet_hours\": {\"from\": \"22:00\", \"to\": \"07:00\", \"zone\": \"America/Sao_Paulo\"}}");

    for (var zone : List.of("-03:00", "GMT-3", "Mars/Olympus")) {
      assertThatThrownBy(() ->
              jdbc.sql("UPDATE profile_pic.instances SET quiet_zone = ? WHERE instance_id = ?")
                  .params(zone, id)
                  .update())
          .hasMessageContaining("quiet_zone must be the name of a region");
    }
  }

  @Test
  void postgresKnowsEveryRegionThatIsAccepted() {
    assertThat(
            jdbc.sql(
                    "SELECT zone FROM unnest(?::text[]) AS zone WHERE zone NOT IN (SELECT name FROM pg_timezone_names)")
                .param(
                    ZoneId.getAvailableZoneIds().stream()
                        .filter(InstanceChange::isRegion)
                        .toArray(String[]::new))
                .query(String.class)
                .list())
        .isEmpty();
  }

  @Test
  void aPausedInstanceIsAskedNothingUntilResumed() {
    var lead = newLead("5562999212484", id);
    http.patch("/instances/" + id, "{\"paused\": true}");
    http.post(
        "/profile-pics",
        "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\", \"instance_id\": \"%s\"}"
            .formatted(lead, id));

    assertThat(claim(lead)).isFalse();
    assertThat(
            http.patch("/instances/" + id, "{\"paused\": false}").json().path("paused").asBoolean())
        .isFalse();
    assertThat(claim(lead)).isTrue();
  }

  @Test
  void leadsAreCountedByStateAndByTheOutcomeOfTheirNewestAttempt() {
    var stored = wished();
    var hidden = wished();
    var dead = wished();
    wished();
    var hand = new QueueHand(jdbc);

    hand.settle(stored, "NOT_SET");
    post(stored, true);
    hand.settle(stored, "STORED");
    hand.settle(hidden, "HIDDEN");
    hand.settle(dead, "NO_ANSWER");

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> {
          var shown = shown();
          assertThat(shown.path("states").toString())
              .isEqualTo("{\"FAILED\":1,\"HIDDEN\":1,\"PENDING\":1,\"STORED\":1}");
          assertThat(shown.path("outcomes").toString())
              .isEqualTo("{\"HIDDEN\":1,\"NO_ANSWER\":1,\"STORED\":1}");
        });
  }

  @Test
  void whoeverLooksSeesHowTheCircuitStands() {
    http.patch("/instances/" + id, "{\"pace_per_minute\": 30}");
    assertThat(shown().path("breaker").asString()).isEqualTo("CLOSED");
    assertThat(shown().path("breaker_changed_at").isNull()).isTrue();

    breaker("OPEN");

    assertThat(shown().path("breaker").asString()).isEqualTo("OPEN");
    assertThat(shown().path("breaker_changed_at").isString()).isTrue();
    assertThat(shown().path("pause_reason").asString()).isEqualTo("INSTANCE_DOWN");
    assertThat(shown().path("paused").asBoolean()).isFalse();
    breaker("CLOSED");
    assertThat(shown().path("paused_until").isNull()).isTrue();
  }

  @Test
  void manyInstancesAreReadPartByPart() {
    var ids = IntStream.range(0, 5).mapToObj(i -> id + "-" + i).toList();
    ids.forEach(each -> http.patch("/instances/" + each, "{}"));
    var seen = new ArrayList<String>();

    var after = "";
    do {
      var part = http.get("/instances?limit=2&after=" + after).json();
      assertThat(part.path("instances").size()).isLessThanOrEqualTo(2);
      part.path("instances").forEach(each -> seen.add(each.path("instance_id").asString()));
      after = part.path("next").asString("");
    } while (!after.isEmpty());

    assertThat(seen).containsSubsequence(ids).doesNotHaveDuplicates();
    assertThat(http.get("/instances?limit=0").status()).isEqualTo(400);
    assertThat(http.get("/instances?after=%00").status()).isEqualTo(400);
  }

  private String wished() {
    var lead = newLead("5562999212484", id);
    post(lead, false);
    return lead;
  }

  private void post(String lead, boolean force) {
    http.post(
        "/profile-pics",
        "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\", \"instance_id\": \"%s\", \"force_update\": %s}"
            .formatted(lead, id, force));
  }

  private void breaker(String state) {
    jdbc.sql("SELECT profile_pic.breaker_changed(?, ?, interval '1 minute')")
        .params(id, state)
        .query(Boolean.class)
        .single();
  }

  private JsonNode shown() {
    return http.patch("/instances/" + id, "{}").json();
  }

  @Test
  void wrongValuesAreNamed() {
    var answer =
        http.patch(
            "/instances/" + id,
            "{\"pace_per_minute\": 0, \"paused\": 1, \"quiet_hours\": {\"from\": \"25:00\"}}");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().path("errors")).hasSize(3);
  }

  private boolean claim(String lead) {
    return jdbc.sql(
            "SELECT lead_id FROM profile_pic.claim(ARRAY[?::text], ARRAY[NULL::timestamptz], ARRAY[1000], 1000, interval '1 s', NULL, 6000000)")
        .param(id)
        .query((row, number) -> String.valueOf(row.getString(1)))
        .list()
        .contains(lead);
  }
}
