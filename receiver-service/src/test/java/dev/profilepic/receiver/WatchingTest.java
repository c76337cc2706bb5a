package dev.profilepic.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;

class WatchingTest extends ReceiverTest {

  @Autowired private HealthEndpointGroups groups;

  @Test
  void livenessAsksForTheThreadsOfTheConnectorsButNotForTheDatabase() {
    var liveness = Objects.requireNonNull(groups.get("liveness"));

    assertThat(liveness.isMember("connectors")).isTrue();
    assertThat(liveness.isMember("db")).isFalse();
  }

  @Test
  void eventsOfAllSourcesAreCountedFromZeroOn() {
    var metrics = management.get("/actuator/prometheus").text();

    assertThat(metrics.lines().filter(line -> line.startsWith("profilepic_events_total{")))
        .anyMatch(line ->
            line.contains("source=\"wppconnect\"")
                && line.contains("result=\"queued\"")
                && line.endsWith(" 0.0"))
        .anyMatch(line -> line.contains("source=\"kept\"") && line.contains("result=\"erased\""))
        .anyMatch(
            line -> line.contains("source=\"profile-pics\"") && line.contains("result=\"failed\""))
        .anyMatch(line -> line.contains("source=\"process-profile-pic\""))
        .anyMatch(line -> line.contains("source=\"refresh\""));
  }

  @Test
  void healthAndMetricsAreOnTheManagementPortOnly() {
    http.post("/profile-pics", "{\"lead_id\": \"x\", \"phone\": \"5562999212484\"}");

    assertThat(management.get("/actuator/health/readiness").json().path("status").asString())
        .isEqualTo("UP");
    assertThat(management.get("/actuator/health/liveness").status()).isEqualTo(200);
    assertThat(management.get("/actuator/prometheus").text())
        .contains("profilepic_events_total{", "result=\"unknown_lead\"", "source=\"profile-pics\"")
        .contains("profilepic_enqueue_seconds_count");
    assertThat(http.get("/actuator/prometheus").status()).isEqualTo(404);
  }
}
