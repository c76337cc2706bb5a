package dev.profilepic.contract;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Turns {@link DatabaseConnection} into the settings that follow from it, whatever else says
 * otherwise. Behind a pooler in transaction mode nothing is prepared on the server, nobody listens,
 * and no connection gets an isolation level of its own, which would be SET for whoever comes next.
 */
public final class DatabaseConnectionPostProcessor implements EnvironmentPostProcessor {

  private static final String NAME = "databaseConnection";
  private static final String POOL = "spring.datasource.hikari.";

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    addTo(environment);
  }

  /** For an environment that no {@link SpringApplication} prepares. */
  public static void addTo(ConfigurableEnvironment environment) {
    of(environment)
        .ifPresent(connection -> {
          var sources = environment.getPropertySources();
          if (connection.keepsSessions()) {
            // Whatever the CRM's database does by default: statements must see what was committed
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

  /** Empty when the property says none of the words, for which binding it stops the start. */
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
