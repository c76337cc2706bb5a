package dev.profilepic.worker.deliveries;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

class DeliveryDepthTest {

  private final TestDatabase database = TestDatabase.migrated();
  private final JdbcTemplate jdbc = new JdbcTemplate(database.sessions());
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final DeliveryDepth depth = new DeliveryDepth(jdbc, meters);

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void withoutEndpointsNothingWaits() {
    depth.measure();

    assertThat(gauge("waiting")).isZero();
    assertThat(gauge("oldest")).isZero();
    assertThat(gauge("endpoints.disabled")).isZero();
  }

  @Test
  void whatEnabledEndpointsAreStillToBeToldIsCountedWithTheAgeOfTheOldest() {
    delivery(endpoint("enabled = true"), "pending", "2 hours");
    delivery(endpoint("enabled = true"), "pending", "1 minute");
    delivery(endpoint("enabled = true"), "delivered", "1 day");
    delivery(endpoint("enabled = true"), "failed", "1 day");
    delivery(endpoint("enabled = false, disabled_why = 'by me'"), "pending", "1 day");

    depth.measure();

    assertThat(gauge("waiting")).isEqualTo(2);
    assertThat(gauge("oldest")).isBetween(7_199.0, 7_260.0);
  }

  @Test
  void anEndpointThatWasGivenUpIsCountedAndOneThatAnOperatorSwitchedOffIsNot() {
    endpoint("enabled = false, disabled_why = 'it answered 410'");
    endpoint("enabled = false, disabled_why = 'nothing could be delivered for three days'");
    endpoint("enabled = false, disabled_why = 'by me'");
    endpoint("enabled = true");

    depth.measure();

    assertThat(gauge("endpoints.disabled")).isEqualTo(2);
  }

  private double gauge(String name) {
    return meters.get("profilepic.deliveries." + name).gauge().value();
  }

  private long endpoint(String set) {
    Long id =
        jdbc.queryForObject(
            "INSERT INTO profile_pic.webhook_endpoints (kind, url, events, secret) VALUES ('webhook', 'https://x', '{picture.stored}', '') RETURNING id",
            Long.class);
    jdbc.update("UPDATE profile_pic.webhook_endpoints SET " + set + " WHERE id = ?", id);
    return id == null ? 0 : id;
  }

  private void delivery(long endpoint, String state, String age) {
    jdbc.update(
        """
        WITH event AS (INSERT INTO profile_pic.webhook_events (type, data, spread) VALUES ('picture.stored', '{}', true) RETURNING id)
        INSERT INTO profile_pic.webhook_deliveries (endpoint_id, event_id, state, since) SELECT ?, id, ?, now() - ?::interval FROM event
        """,
        endpoint,
        state,
        age);
  }
}
