package dev.profilepic.migrations;

import dev.profilepic.contract.DatabaseConnection;
import dev.profilepic.contract.DatabaseConnectionPostProcessor;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * The migrator's connection to the database. Migrations need a session, because the search path and
 * the locks must last for several transactions. When the services go through a pooler in
 * transaction mode, the migrator has a separate url.
 */
public final class MigratorConnection implements EnvironmentPostProcessor {

  /** The migrator's own url, where it differs from the services' url. */
  public static final String URL = "PROFILE_PIC_MIGRATIONS_DATABASE_URL";

  private static final String MIGRATOR = "profile-pic-migrator";

  /** Thrown when the migrator would have to work through a pooler in transaction mode. */
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
    // Services contain this class too.
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
   * @throws NoSessionException when the connection for the migrations has no session
   */
  static void check(ConfigurableEnvironment environment) {
    if (!DatabaseConnectionPostProcessor.of(environment)
        .map(DatabaseConnection::keepsSessions)
        .orElse(true)) {
      throw new NoSessionException();
    }
  }
}
