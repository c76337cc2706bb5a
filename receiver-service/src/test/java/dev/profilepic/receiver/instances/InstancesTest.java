package dev.profilepic.receiver.instances;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.util.UUID;
import org.junit.jupiter.api.Test;

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
            "SELECT lead_id FROM profile_pic.claim(1000, 1000, interval '1 s', NULL, 6000000)")
        .query((row, number) -> String.valueOf(row.getString(1)))
        .list()
        .contains(lead);
  }
}
