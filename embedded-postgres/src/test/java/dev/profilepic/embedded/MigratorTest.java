package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.migrations.Migrator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
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

  @Test
  void theDatabaseMayBeToldByAFile(@TempDir Path folder) throws IOException {
    try (var database = TestDatabase.empty()) {
      var url = Files.writeString(folder.resolve("url"), database.jdbcUrl() + "\n");
      var name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
      var environment = new StandardEnvironment();
      environment
          .getPropertySources()
          .replace(
              name,
              new SystemEnvironmentPropertySource(
                  name, Map.of("PROFILE_PIC_DATABASE_URL_FILE", url.toString())));

      new SpringApplicationBuilder(Migrator.class)
          .properties("spring.config.name=migrator")
          .environment(environment)
          .run(
              "--spring.datasource.username=",
              "--spring.datasource.password=",
              "--profile-pic.leads.create=true")
          .close();

      assertThat(
              new JdbcTemplate(database.dataSource())
                  .queryForList("SELECT * FROM profile_pic.queue_depth"))
          .hasSize(1);
    }
  }

  /** An operator's limit on statements is meant for the CRM's queries. */
  @Test
  void aLimitOnStatementsDoesNotStopIt() {
    try (var database = TestDatabase.empty()) {
      var jdbc = new JdbcTemplate(database.dataSource());
      jdbc.execute(
          "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout = 20', current_database()); END $$");

      migrate(database);

      jdbc.execute(
          "SET statement_timeout = 0; SELECT FROM profile_pic.flyway_schema_history WHERE success");
    }
  }

  @Test
  void behindAPoolerInTransactionModeItNamesTheWayAround() {
    try (var database = TestDatabase.empty()) {
      assertThatThrownBy(() -> migrate(database, "--profile-pic.database.connection=transaction"))
          .hasStackTraceContaining("PROFILE_PIC_MIGRATIONS_DATABASE_URL");

      migrate(
          database,
          "--profile-pic.database.connection=transaction",
          "--PROFILE_PIC_MIGRATIONS_DATABASE_URL=" + database.jdbcUrl(),
          "--spring.datasource.url=jdbc:postgresql://127.0.0.1:1/the_pooler");

      assertThat(
              new JdbcTemplate(database.dataSource())
                  .queryForList("SELECT * FROM profile_pic.queue_depth"))
          .hasSize(1);
    }
  }

  private static void migrate(TestDatabase database, String... settings) {
    var arguments =
        Stream.concat(
                Stream.of(
                    "--spring.datasource.url=" + database.jdbcUrl(),
                    // The url carries user and password already.
                    "--spring.datasource.username=",
                    "--spring.datasource.password=",
                    "--profile-pic.leads.create=true"),
                Arrays.stream(settings))
            // A test's own setting replaces the default.
            .collect(
                Collectors.toMap(
                    argument -> argument.substring(0, argument.indexOf('=')),
                    argument -> argument,
                    (one, other) -> other))
            .values()
            .toArray(String[]::new);
    new SpringApplicationBuilder(Migrator.class)
        .properties("spring.config.name=migrator")
        .run(arguments)
        .close();
  }
}
