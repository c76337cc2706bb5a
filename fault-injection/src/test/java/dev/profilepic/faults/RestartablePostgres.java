package dev.profilepic.faults;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.profilepic.embedded.EmbeddedPostgresServer;
import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.migrations.MigrationsAutoConfiguration;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Comparator;
import org.flywaydb.core.Flyway;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A separate PostgreSQL with all migrations, which can crash without warning and come back. */
final class RestartablePostgres implements AutoCloseable {

  private static final String DATABASE = "faults";

  private final Path directory;
  private final int port;
  private EmbeddedPostgresServer server;

  RestartablePostgres() throws IOException, SQLException {
    this.directory = Files.createTempDirectory("profile-pic-faults");
    this.server = EmbeddedPostgresServer.start(directory, 0);
    this.port = server.port();
    server.ensureDatabase(DATABASE);
    migrate();
  }

  /** Brings the database to the newest version, as an upgrade does. */
  void migrate() {
    MigrationsAutoConfiguration.configure(Flyway.configure(), TestDatabase.leads(false))
        .dataSource(jdbcUrl(), null, null)
        .load()
        .migrate();
  }

  /**
   * Migrates the database to a version that differs in everything that a release may change while
   * the previous release still runs. Every function and view is made anew while workers call them.
   */
  void migrateAnew() {
    new JdbcTemplate(new DriverManagerDataSource(jdbcUrl()))
        .update("UPDATE profile_pic.flyway_schema_history SET checksum = 0 WHERE version IS NULL");
    migrate();
  }

  String jdbcUrl() {
    return server.jdbcUrl(DATABASE);
  }

  /**
   * Shuts the server down immediately (SIGQUIT). As after a crash, the server must recover from its
   * log at the next start.
   */
  void crash() throws IOException, InterruptedException {
    var pidFile = directory.resolve("data").resolve("postmaster.pid");
    var pid = Files.readAllLines(pidFile).getFirst().strip();
    int status = new ProcessBuilder("kill", "-QUIT", pid).start().waitFor();
    if (status != 0) {
      throw new IllegalStateException("kill -QUIT ended with " + status);
    }
    // A dying postmaster removes this file as its last action.
    Await.until("PostgreSQL is dead", () -> Files.notExists(pidFile));
    closeQuietly();
  }

  /** Starts the server again over the same data, on the same port. */
  void start() throws IOException {
    server = EmbeddedPostgresServer.start(directory, port);
  }

  /**
   * Releases the lock on the directory. The log is off, because the stop of a dead server fails.
   */
  private void closeQuietly() throws IOException {
    var log = (Logger) LoggerFactory.getLogger(EmbeddedPostgres.class);
    var level = log.getLevel();
    log.setLevel(Level.OFF);
    try {
      server.close();
    } finally {
      log.setLevel(level);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
