package dev.profilepic.worker.instances;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.pictures.Outcome;
import dev.profilepic.worker.pictures.OutcomeMetrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

class ExpectedOutcomesTest {

  private final TestDatabase database = TestDatabase.migrated();
  private final JdbcTemplate jdbc = new JdbcTemplate(database.sessions());
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void allOutcomesOfAKnownInstanceAreCountedFromZeroOn() {
    jdbc.update("INSERT INTO profile_pic.instances (instance_id) VALUES ('demo')");

    new ExpectedOutcomes(jdbc, new OutcomeMetrics(meters, InstantSource.system())).expect();

    assertThat(meters.find("profilepic.outcomes").tag("instance", "demo").counters())
        .allSatisfy(counter -> assertThat(counter.count()).isZero())
        .extracting(counter -> counter.getId().getTag("outcome"))
        .contains(
            "STORED",
            "UNCHANGED",
            "NOT_SET",
            "THROTTLED",
            "STORE_DOWN",
            "NO_ANSWER",
            "BAD_IMAGE",
            "LEAD_GONE")
        .containsExactlyInAnyOrderElementsOf(Outcome.codes());
  }

  @Test
  void moreThanAHundredInstancesShareOneLabel() {
    jdbc.update(
        "INSERT INTO profile_pic.instances (instance_id) SELECT 'n' || n FROM generate_series(1, 150) AS n");
    var metrics = new OutcomeMetrics(meters, InstantSource.system());
    var expected = new ExpectedOutcomes(jdbc, metrics);

    expected.expect();
    jdbc.update("UPDATE profile_pic.instances SET updated_at = now() WHERE instance_id > 'n5'");
    expected.expect();

    assertThat(
            meters.find("profilepic.outcomes").counters().stream()
                .map(ExpectedOutcomesTest::instance)
                .distinct())
        .hasSizeLessThanOrEqualTo(101);
  }

  private static String instance(Counter counter) {
    return String.valueOf(counter.getId().getTag("instance"));
  }
}
