package dev.profilepic.worker.housekeeping;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The server's clock ran 400 days ahead and was set back: what it noted as later is due now. */
class ClockOfChoresWentBackTest extends ChoresTest {

  @Test
  void aChoreThatWasDoneInTheFutureIsDone() {
    housekeeping.doWhatIsDue();
    jdbc.update("UPDATE profile_pic.chores SET done_at = now() + interval '400 days'");

    assertThat(housekeeping.doWhatIsDue()).containsOnlyKeys(Chore.values());
  }

  @Test
  void theWalkOverTheLeadsStartsAgain() {
    jdbc.update(
        "UPDATE profile_pic.lead_phones_walk SET finished_at = now() + interval '400 days'");

    jdbc.execute("SELECT profile_pic.restart_walk()");

    assertThat(count("profile_pic.lead_phones_walk WHERE finished_at IS NULL")).isEqualTo(1);
  }

  @Test
  void anErasureOnItsWayToTheBridgeIsSent() {
    jdbc.update(
        "INSERT INTO profile_pic.bridge_erasures (person, next_at) VALUES ('a', now() + interval '400 days'), ('b', now() + interval '50 minutes')");

    assertThat(count("profile_pic.take_bridge_erasures(10)")).isEqualTo(1);
    assertThat(count("profile_pic.take_bridge_erasures(10)")).as("it is being sent").isZero();
  }

  @Test
  void aDeliveryToAnEndpointIsMade() {
    jdbc.execute(
        """
        INSERT INTO profile_pic.webhook_endpoints (kind, url, events, secret) VALUES ('webhook', 'https://example.com', '{lead.failed}', '');
        INSERT INTO profile_pic.webhook_events (type, data) SELECT 'lead.failed', '{}' FROM generate_series(1, 2);
        SELECT profile_pic.spread_events(100);
        """);
    jdbc.update("UPDATE profile_pic.webhook_deliveries SET next_at = now() + interval '9 hours'");
    assertThat(count("profile_pic.endpoints_due()")).isZero();

    jdbc.update("UPDATE profile_pic.webhook_deliveries SET next_at = now() + interval '400 days'");

    assertThat(count("profile_pic.endpoints_due()")).isEqualTo(1);
    var take =
        "(SELECT profile_pic.take_deliveries(e.id, 1) FROM profile_pic.webhook_endpoints AS e) AS t";
    assertThat(count(take)).isEqualTo(1);
    assertThat(count(take)).isEqualTo(1);
    assertThat(count(take)).as("both are being delivered").isZero();
  }
}
