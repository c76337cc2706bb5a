package dev.profilepic.receiver.instances;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.receiver.support.QueueHand;
import dev.profilepic.receiver.support.ReceiverTest;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
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
  void workingHoursAreSetShownAndTakenBackForTheWorkersDefault() {
    var set =
        http.patch(
                "/instances/" + id,
                "{\"working_hours\": {\"days\": [\"monday\", \"friday\"], \"from\": \"09:00\", \"to\": \"18:00\", \"zone\": \"America/Sao_Paulo\"}}")
            .json();
    assertThat(set.path("working_hours").toString())
        .isEqualTo(
            "{\"days\":[\"monday\",\"friday\"],\"from\":\"09:00\",\"to\":\"18:00\",\"zone\":\"America/Sao_Paulo\",\"default\":false}");
    assertThat(http.patch("/instances/" + id, "{\"paused\": true}").json().path("working_hours"))
        .as("what is not named stays")
        .isEqualTo(set.path("working_hours"));

    var reset = http.patch("/instances/" + id, "{\"working_hours\": null}").json();
    assertThat(reset.path("working_hours").isNull()).isTrue();
    assertThat(reset.path("background_from").isNull()).isTrue();
  }

  @Test
  void whatIsShownSaysSinceWhenBackgroundWorkWaitsAndWhoseHoursTheyAre() {
    var begins =
        jdbc.sql("SELECT date_trunc('second', now() + interval '2 hours')")
            .query(OffsetDateTime.class)
            .single();
    jdbc.sql(
            "SELECT profile_pic.keep_default_hours('UTC', '{1,2,3,4,5,6,7}', (b AT TIME ZONE 'UTC')::time, (b AT TIME ZONE 'UTC' + interval '1 hour')::time) FROM (SELECT ?::timestamptz) AS hours (b)")
        .param(begins)
        .query(row -> {});
    try {
      var shown = http.patch("/instances/" + id, "{\"paused\": false}").json();

      assertThat(shown.at("/working_hours/default").asBoolean()).isTrue();
      assertThat(Instant.parse(shown.path("background_from").asString()))
          .isEqualTo(begins.toInstant());
    } finally {
      jdbc.sql("SELECT profile_pic.keep_default_hours(NULL, NULL, NULL, NULL)").query(row -> {});
    }
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
    var stored = requested();
    var hidden = requested();
    var dead = requested();
    requested();
    var hand = new QueueHand(jdbc);

    hand.settle(stored, "NOT_SET");
    post(stored, true);
    hand.settle(stored, "STORED");
    hand.settle(hidden, "HIDDEN");
    hand.settle(dead, "NO_ANSWER");

    Awaitility.await()
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
  void whoeverLooksSeesWhatTheBridgeToldOfTheConnection() {
    assertThat(shown().path("connection").isNull()).isTrue();

    told("qr", null, null, "2026-11-22T12:00:00Z");
    assertThat(shown().at("/connection/state").asString()).isEqualTo("qr");
    told("banned", "402", "2026-11-23T12:00:00Z", "2026-11-22T12:00:05Z");

    var connection = shown().path("connection");
    assertThat(connection.path("state").asString()).isEqualTo("banned");
    assertThat(connection.path("reason").asString()).isEqualTo("402");
    assertThat(connection.path("until").asString()).isEqualTo("2026-11-23T12:00:00Z");
    assertThat(connection.path("at").asString()).isEqualTo("2026-11-22T12:00:05Z");
  }

  @Test
  void aLateEventOfTheConnectionChangesNothing() {
    told("logged_out", null, null, "2026-11-22T12:00:05Z");

    told("open", null, null, "2026-11-22T12:00:00Z");

    assertThat(shown().at("/connection/state").asString()).isEqualTo("logged_out");
  }

  @Test
  void aRestrictionIsShownBesideTheStateAndEnds() {
    told("open", null, null, "2026-11-22T12:00:00Z");

    told("restricted", null, "2999-01-01T00:00:00Z", "2026-11-22T12:00:05Z");
    assertThat(shown().at("/connection/state").asString()).isEqualTo("open");
    assertThat(shown().at("/connection/restricted_until").asString())
        .isEqualTo("2999-01-01T00:00:00Z");

    told("unrestricted", null, null, "2026-11-22T12:00:10Z");
    assertThat(shown().at("/connection/restricted_until").isNull()).isTrue();
  }

  @Test
  void whatNoStateCanBeIsLeftOut() {
    told("Open; DROP", null, null, "2026-11-22T12:00:00Z");
    told("", null, null, "2026-11-22T12:00:00Z");

    assertThat(shown().path("connection").isNull()).isTrue();
  }

  @Test
  void whoeverLooksSeesTheBudgetThatTheBridgeAllows() {
    http.patch("/instances/" + id, "{}");
    jdbc.sql(
            "SELECT profile_pic.note_budgets(ARRAY[?], ARRAY['{\"per_minute\": 90, \"used_today\": 7}'::jsonb])")
        .param(id)
        .query(row -> {});

    assertThat(shown().at("/budget/per_minute").asInt()).isEqualTo(90);
    assertThat(shown().at("/budget/used_today").asInt()).isEqualTo(7);
  }

  private void told(String state, @Nullable String reason, @Nullable String until, String at) {
    var answer =
        http.post(
            "/webhooks/baileys",
            "{\"event\": \"connection.update\", \"instance_id\": \"%s\", \"timestamp\": \"%s\", \"data\": [{\"state\": \"%s\", \"reason\": %s, \"until\": %s}]}"
                .formatted(id, at, state, quoted(reason), quoted(until)));
    assertThat(answer.status()).isEqualTo(202);
  }

  private static String quoted(@Nullable String text) {
    return text == null ? "null" : "\"" + text + "\"";
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

  private String requested() {
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
