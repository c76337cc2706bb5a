package dev.profilepic.migrations;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Migrates a database to the newest version and ends. The status is 0 when the database has this
 * version, and 1 with one readable message when the migration fails. The migrator may run any
 * number of times.
 */
@SpringBootApplication
public class Migrator {

  private static final Logger log = LoggerFactory.getLogger(Migrator.class);

  public static void main(String[] args) {
    // A separate file name: services that contain this jar have their own application.yaml.
    var migrator =
        new SpringApplicationBuilder(Migrator.class).properties("spring.config.name=migrator");
    try (var context = migrator.run(args)) {
      log.info("the database is at the newest version");
    } catch (RuntimeException failure) {
      System.exit(1);
    }
  }

  @Bean
  FlywayMigrationStrategy reportInOneMessage(ConfigurableEnvironment environment) {
    return flyway -> migrate(flyway, environment);
  }

  private static void migrate(Flyway flyway, ConfigurableEnvironment environment) {
    try {
      MigratorConnection.check(environment);
      var result = flyway.migrate();
      log.info("{} migrations applied", result.migrationsExecuted);
    } catch (FlywayException | MigratorConnection.NoSessionException failure) {
      log.error("the migrations stopped: {}", failure.getMessage());
      throw failure;
    }
  }
}
