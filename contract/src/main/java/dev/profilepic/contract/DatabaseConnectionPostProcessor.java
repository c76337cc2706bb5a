package dev.profilepic.contract;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Derives settings from {@link DatabaseConnection}. Behind a pooler in transaction mode these
 * settings override all other sources: the server prepares no statements, the worker does not
 * listen, and no connection sets its own isolation level, because its SET would reach the next
 * client.
 */
public final class DatabaseConnectionPostProcessor implements EnvironmentPostProcessor {

  private static final String NAME = "databaseConnection";
  private static final String POOL = "spring.datasource.hikari.";

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    addTo(environment);
  }

  /** Adds the settings to an environment that no {@link SpringApplication} prepares. */
  public static void addTo(ConfigurableEnvironment environment) {
    of(environment)
        .ifPresent(connection -> {
          var sources = environment.getPropertySources();
          if (connection.keepsSessions()) {
            // The CRM's database may have another default. Statements must see all rows that were
            // committed while they waited.
            sources.addLast(
                new MapPropertySource(
                    NAME, Map.of(POOL + "transaction-isolation", "TRANSACTION_READ_COMMITTED")));
          } else {
            sources.addFirst(
                new MapPropertySource(
                    NAME,
                    Map.of(
                        POOL + "data-source-properties.prepareThreshold",
                        "0",
                        "profile-pic.worker.listen",
                        "false")));
          }
        });
  }

  /**
   * Returns the configured kind; empty when the property's value is not one of the known words. In
   * that case binding stops the start.
   */
  public static Optional<DatabaseConnection> of(ConfigurableEnvironment environment) {
    var word = environment.getProperty(DatabaseConnection.PROPERTY, "").strip();
    try {
      return Optional.of(
          word.isEmpty()
              ? DatabaseConnection.DIRECT
              : DatabaseConnection.valueOf(word.toUpperCase(Locale.ROOT)));
    } catch (IllegalArgumentException unknown) {
      return Optional.empty();
    }
  }
}
