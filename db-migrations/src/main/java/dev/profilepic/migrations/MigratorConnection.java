package dev.profilepic.migrations;

import dev.profilepic.contract.DatabaseConnection;
import dev.profilepic.contract.DatabaseConnectionPostProcessor;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * How the migrator reaches the database. Migrations need a session: the path on which names are
 * found, and locks, are set for several transactions. Where the services go through a pooler in
 * transaction mode, the migrator has a url of its own.
 */
public final class MigratorConnection implements EnvironmentPostProcessor {

  /** Where the migrator connects to, if not to where the services do. */
  public static final String URL = "PROFILE_PIC_MIGRATIONS_DATABASE_URL";

  private static final String MIGRATOR = "profile-pic-migrator";

  /** The migrator would have to work behind a pooler in transaction mode. */
  static final class NoSessionException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    NoSessionException() {
      super(
          "migrations cannot run through a pooler in transaction mode ("
              + DatabaseConnection.PROPERTY
              + "=transaction): set "
              + URL
              + " to the direct connection, or to the pooler's port for sessions (Supabase: 5432)");
    }
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    // Services carry this class, too.
    if (!MIGRATOR.equals(environment.getProperty("spring.application.name"))) {
      return;
    }
    var own = environment.getProperty(URL, "").strip();
    if (!own.isEmpty()) {
      environment
          .getPropertySources()
          .addFirst(
              new MapPropertySource(
                  "migratorConnection",
                  Map.of("spring.datasource.url", own, DatabaseConnection.PROPERTY, "direct")));
    }
  }

  /**
   * @throws NoSessionException when what runs migrations has no session
   */
  static void check(ConfigurableEnvironment environment) {
    if (!DatabaseConnectionPostProcessor.of(environment)
        .map(DatabaseConnection::keepsSessions)
        .orElse(true)) {
      throw new NoSessionException();
    }
  }
}
