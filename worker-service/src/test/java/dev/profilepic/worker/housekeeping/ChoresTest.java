package dev.profilepic.worker.housekeeping;

import dev.profilepic.embedded.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** Housekeeping in steps of ten rows, under the worker's own database role. */
abstract class ChoresTest {

  final TestDatabase database = TestDatabase.migrated();
  final JdbcTemplate jdbc = new JdbcTemplate(database.sessions());
  private final SingleConnectionDataSource housekeepers =
      new SingleConnectionDataSource(database.jdbcUrl(), true);
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final Housekeeping housekeeping = housekeeping();

  @AfterEach
  void drop() {
    housekeepers.destroy();
    database.close();
  }

  Housekeeping housekeeping() {
    var template = new JdbcTemplate(housekeepers);
    template.execute("SET ROLE profile_pic_worker");
    var properties =
        new HousekeepingProperties(
            true,
            Duration.ofDays(365),
            Duration.ofDays(365),
            Duration.ofDays(30),
            Duration.ofDays(90),
            Duration.ofDays(30),
            Duration.ofDays(90),
            Duration.ofDays(3),
            Duration.ofDays(90),
            Duration.ofDays(365));
    return new Housekeeping(
        template, new DataSourceTransactionManager(housekeepers), properties, meters, 10);
  }

  /**
   * @param keyAndAge a query of storage keys and ages
   */
  void avatars(String keyAndAge) {
    jdbc.update(
        "INSERT INTO profile_pic.avatars (storage_key, content_type, bytes, created_at) SELECT a.key, 'image/jpeg', '\\x01', now() - a.age FROM ("
            + keyAndAge
            + ") AS a (key, age)");
  }

  int count(String what) {
    Integer count = jdbc.queryForObject("SELECT count(*) FROM " + what, Integer.class);
    return count == null ? 0 : count;
  }
}
