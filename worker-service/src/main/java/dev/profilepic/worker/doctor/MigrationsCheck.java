package dev.profilepic.worker.doctor;

import dev.profilepic.migrations.MigrationsAutoConfiguration;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;

/** Checks that the database is at the version of this release. */
final class MigrationsCheck implements Check {

  private static final Set<MigrationState> FUTURE =
      Set.of(MigrationState.FUTURE_SUCCESS, MigrationState.FUTURE_FAILED);

  @Override
  public String name() {
    return "migrations";
  }

  @Override
  public Need need() {
    return Need.DATABASE;
  }

  @Override
  public void look(Setup setup, Notes notes) throws SQLException {
    var settings = setup.settings();
    if (setup
        .database()
        .isTrue("SELECT to_regclass('profile_pic.flyway_schema_history') IS NULL")) {
      notes.problem(
          "they did not run in this database",
          "Run the migrations (the service migrator, or java -jar db-migrations/target/db-migrations-*-exec.jar).");
      return;
    }
    if (!setup
        .database()
        .isTrue(
            "SELECT has_table_privilege(to_regclass('profile_pic.flyway_schema_history'), 'SELECT')")) {
      notes.warning(
          "this user may not read which migrations ran",
          "Run the doctor as the user that runs the migrations (PROFILE_PIC_DATABASE_USER).");
      return;
    }
    var url =
        settings.migrationsUrl().isEmpty() ? settings.databaseUrl() : settings.migrationsUrl();
    if (settings.migrationsUrl().isEmpty()
        && settings.connection().filter(it -> !it.keepsSessions()).isPresent()) {
      notes.warning(
          "which migrations ran is not looked at through a pooler in transaction mode",
          "Set PROFILE_PIC_MIGRATIONS_DATABASE_URL to the direct connection, or to the pooler's port"
              + " for sessions.");
      return;
    }
    try {
      look(
          MigrationsAutoConfiguration.configure(Flyway.configure(), settings.leads())
              .dataSource(
                  url,
                  settings.databaseUser().isEmpty() ? null : settings.databaseUser(),
                  settings.databasePassword().isEmpty() ? null : settings.databasePassword())
              .load()
              .info(),
          notes);
    } catch (FlywayException unreadable) {
      notes.problem(
          "which migrations ran cannot be read: " + unreadable.getMessage(),
          "Run the migrations again.");
    }
  }

  private static void look(MigrationInfoService known, Notes notes) {
    var all = List.of(known.all());
    all.stream()
        .filter(migration -> migration.getState().isFailed())
        .forEach(migration ->
            notes.problem(
                "the migration \"" + migration.getDescription() + "\" failed",
                "Run the migrations again, they say why."));
    if (all.stream().anyMatch(migration -> FUTURE.contains(migration.getState()))) {
      notes.problem(
          "the database was migrated by a newer release than this one",
          "Upgrade receiver, worker and doctor to that release.");
    }
    var pending =
        Arrays.stream(known.pending()).map(migration -> migration.getDescription()).toList();
    if (!pending.isEmpty()) {
      notes.problem(
          pending.size()
              + " migrations did not run, or ran for other names of the CRM's table (profile-pic.leads.*): "
              + String.join(", ", pending.subList(0, Math.min(3, pending.size()))),
          "Run the migrations.");
    }
    var newest = known.current();
    notes.okIfNothingElse(
        "complete"
            + (newest == null || newest.getVersion() == null ? "" : ", V" + newest.getVersion()));
  }
}
