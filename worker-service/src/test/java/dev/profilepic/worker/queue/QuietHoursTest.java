package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A number asks WhatsApp nothing at all during its quiet hours. */
class QuietHoursTest extends QueueTest {

  private static final int ONE_A_SECOND = 60;

  @Test
  void inQuietHoursAnInstanceAsksNothingUntilTheirEnd() {
    quietHours("- interval '1 hour'", "+ interval '2 hours'");
    fixture.enqueue(1, "demo");
    fixture.enqueue(1, "another");

    var claim = fixture.claimWithPace(10, ONE_A_SECOND);

    assertThat(claim.deliveries()).extracting(Delivery::instanceId).containsExactly("another");
    assertThat(claim.lines())
        .filteredOn(line -> line.instanceId().equals("demo"))
        .singleElement()
        .satisfies(line ->
            assertThat(line.openIn()).isBetween(Duration.ofMinutes(119), Duration.ofMinutes(121)));
  }

  @Test
  void outsideItsQuietHoursAnInstanceIsAskedAsEver() {
    quietHours("+ interval '1 hour'", "+ interval '2 hours'");
    fixture.enqueue(1, "demo");

    assertThat(fixture.claimWithPace(10, ONE_A_SECOND).deliveries()).hasSize(1);
  }

  @Test
  void aTimeZoneThatTheServerDoesNotKnowStopsNoOtherInstance() {
    // The server may have known the zone when the zone was set.
    fixture.jdbc.execute("ALTER TABLE profile_pic.instances DISABLE TRIGGER check_quiet_zone");
    fixture.jdbc.update(
        "INSERT INTO profile_pic.instances (instance_id, quiet_from, quiet_to, quiet_zone) VALUES ('demo', '00:00', '23:59:59.9', 'Mars/Phobos')");
    fixture.enqueue(1, "demo");
    fixture.enqueue(1, "other");

    assertThat(fixture.claimWithPace(10, ONE_A_SECOND).deliveries())
        .extracting(Delivery::instanceId)
        .containsExactly("other");
  }

  /**
   * Sets quiet hours of the instance {@code demo}, relative to now, in a zone that is not the
   * server's.
   */
  private void quietHours(String from, String to) {
    fixture.jdbc.update(
        """
        INSERT INTO profile_pic.instances (instance_id, quiet_from, quiet_to, quiet_zone)
        VALUES ('demo', (now() AT TIME ZONE 'America/Sao_Paulo' %s)::time, (now() AT TIME ZONE 'America/Sao_Paulo' %s)::time, 'America/Sao_Paulo')
        ON CONFLICT (instance_id) DO UPDATE
          SET quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, quiet_zone = excluded.quiet_zone
        """
            .formatted(from, to));
  }
}
