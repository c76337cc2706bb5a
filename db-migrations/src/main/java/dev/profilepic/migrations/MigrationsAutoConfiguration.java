package dev.profilepic.migrations;

import java.util.HashMap;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;
import org.springframework.context.annotation.Bean;

/**
 * Gives Flyway the CRM's names and our history table. This holds for the migrator, and for any
 * service that migrates at start-up ({@code spring.flyway.enabled=true}).
 */
@AutoConfiguration(
    beforeName = "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration")
@EnableConfigurationProperties(LeadsTable.class)
public class MigrationsAutoConfiguration {

  @Bean
  FlywayConfigurationCustomizer leadsPlaceholders(LeadsTable leads) {
    return flyway -> configure(flyway, leads);
  }

  /**
   * Sets the options that every run of these migrations needs. The history is in a separate schema.
   * So a CRM's own Flyway history in {@code public} is neither read nor written, and a database
   * that is not empty needs no baseline. A repeatable migration may be renamed: Flyway then misses
   * the file that the database has applied under its earlier name.
   */
  public static FluentConfiguration configure(FluentConfiguration flyway, LeadsTable leads) {
    var placeholders = new HashMap<>(leads.placeholders());
    placeholders.putAll(Pgmq.placeholders());
    return flyway
        .locations("classpath:db/migration")
        .schemas("profile_pic")
        .defaultSchema("profile_pic")
        .createSchemas(true)
        .ignoreMigrationPatterns("*:future", "repeatable:missing")
        .placeholders(placeholders)
        .callbacks(new Pgmq(), new CrmTable(leads), new WaitingMessages());
  }
}
