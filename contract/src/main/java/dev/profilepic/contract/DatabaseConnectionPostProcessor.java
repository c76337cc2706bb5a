package dev.profilepic.contract;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Derives settings from {@link DatabaseConnection}. Behind a pooler in transaction mode they
 * override all other sources: the server prepares no statements, the worker does not listen, and no
 * connection gets an isolation level of its own, because its SET would reach the next client.
 */
public final class DatabaseConnectionPostProcessor implements EnvironmentPostProcessor {

  private static final String NAME = "databaseConnection";
  private static final String POOL = "spring.datasource.hikari.";

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    addTo(environment);
  }

  /** For an environment that is not prepared by a {@link SpringApplication}. */
  public static void addTo(ConfigurableEnvironment environment) {
    of(environment)
        .ifPresent(connection -> {
          var sources = environment.getPropertySources();
          if (connection.keepsSessions()) {
            // The CRM's database may have another default. Statements must see what was committed
            // while they waited.
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

  /** Empty when the property's value is not one of the words. Binding then stops the start. */
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
