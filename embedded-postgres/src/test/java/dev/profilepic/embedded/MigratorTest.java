package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.migrations.Migrator;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.jdbc.core.JdbcTemplate;

/** The migrator as it is shipped, with its own configuration. */
class MigratorTest {

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void itBringsAnEmptyDatabaseToTheNewestVersionAndASecondRunChangesNothing() {
    try (var database = TestDatabase.empty()) {
      migrate(database);
      migrate(database);

      var jdbc = new JdbcTemplate(database.dataSource());
      assertThat(
              jdbc.queryForObject(
                  "SELECT count(*) FROM profile_pic.flyway_schema_history WHERE NOT success",
                  Integer.class))
          .isZero();
      assertThat(jdbc.queryForList("SELECT * FROM profile_pic.queue_depth")).hasSize(1);
    }
  }

  private static void migrate(TestDatabase database) {
    new SpringApplicationBuilder(Migrator.class)
        .properties("spring.config.name=migrator")
        .run(
            "--spring.datasource.url=" + database.jdbcUrl(),
            // The url carries user and password already.
            "--spring.datasource.username=",
            "--spring.datasource.password=",
            "--profile-pic.leads.create=true")
        .close();
  }
}
