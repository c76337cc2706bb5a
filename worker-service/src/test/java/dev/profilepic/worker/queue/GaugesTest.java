package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

class GaugesTest extends QueueTest {

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  @Test
  void theDepthIsToldByState() {
    for (int i = 0; i < 5; i++) {
      fixture.enqueue(fixture.lead());
    }
    var claimed = fixture.claim(3);
    fixture.settle(
        Results.retry(claimed.get(0), Duration.ofMinutes(1)),
        Results.dead(claimed.get(1), "BAD_IMAGE"));

    new QueueDepth(fixture.jdbc, meters).measure();

    assertThat(depth("ready")).isEqualTo(2);
    assertThat(depth("delayed")).isEqualTo(1);
    assertThat(depth("leased")).isEqualTo(1);
    assertThat(depth("dead")).isEqualTo(1);
    assertThat(meters.get("profilepic.queue.oldest.ready").gauge().value()).isPositive();
  }

  @Test
  void countingFourLongLinesCostsNoMoreThanCountingTwo() {
    assertThat(rowsCounted(4)).isLessThan(1.1 * rowsCounted(2));
  }

  private double rowsCounted(int lines) {
    fixture.jdbc.execute("TRUNCATE profile_pic.waiting");
    fixture.jdbc.update(
        """
        INSERT INTO profile_pic.waiting (msg_id, instance_id, paced, place)
        SELECT n, 'line ' || n % ?, true, now() + n * interval '1 ms' FROM generate_series(1, 60000 * ?) AS n
        """,
        lines, lines);
    fixture.jdbc.execute("VACUUM (ANALYZE) profile_pic.waiting");
    var counted = new PlanRows(fixture.dataSource());
    return counted.of(
        () -> new JdbcTemplate(counted).queryForList("SELECT * FROM profile_pic.queue_depth"));
  }

  @Test
  void aPausedInstanceIsOneAndZeroAgainWhenItWorks() {
    fixture.enqueue(fixture.lead());
    fixture.settle(Results.throttled(fixture.claimOne(), Duration.ofMinutes(3)));
    var gauge = new PausedInstances(fixture.jdbc, meters);

    gauge.measure();
    assertThat(paused()).isEqualTo(1);

    fixture.jdbc.update("UPDATE profile_pic.instances SET paused_until = now() - interval '1 s'");
    gauge.measure();
    assertThat(paused()).isZero();
  }

  private double depth(String state) {
    return meters.get("profilepic.queue.depth").tag("state", state).gauge().value();
  }

  private double paused() {
    return meters.get("profilepic.instance.paused").tag("instance", "demo").gauge().value();
  }
}
