package dev.profilepic.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** A PostgreSQL 18 with PGMQ on 127.0.0.1, user {@code postgres}, no password from loopback. */
public final class EmbeddedPostgresServer implements AutoCloseable {

  private final EmbeddedPostgres postgres;

  private EmbeddedPostgresServer(EmbeddedPostgres postgres) {
    this.postgres = postgres;
  }

  /**
   * Starts a server over a directory, which keeps its data between starts. It is durable as a
   * production server is: {@code fsync} and {@code synchronous_commit} are on.
   *
   * @param directory holds binaries, extension files and data; created where missing
   * @param port to listen on, or 0 for a free one
   */
  public static EmbeddedPostgresServer start(Path directory, int port) throws IOException {
    return start(directory, port, true);
  }

  /**
   * For data that nobody misses when the machine loses power: a commit does not wait for the disk.
   */
  static EmbeddedPostgresServer startVolatile(Path directory) throws IOException {
    return start(directory, 0, false);
  }

  private static EmbeddedPostgresServer start(Path directory, int port, boolean durable)
      throws IOException {
    Files.createDirectories(directory);
    var extensions = PgmqExtension.install(directory.resolve("extensions"));
    var builder =
        EmbeddedPostgres.builder()
            .setOverrideWorkingDirectory(directory.resolve("binaries").toFile())
            .setDataDirectory(directory.resolve("data").toFile())
            .setCleanDataDirectory(false)
            .setPGStartupWait(Duration.ofSeconds(60))
            .setServerConfig("extension_control_path", extensions)
            .setServerConfig("listen_addresses", "127.0.0.1")
            // The library's own defaults are for tests: it starts every server with fsync off.
            .setServerConfig("fsync", durable ? "on" : "off")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("max_connections", "200")
            .setServerConfig("shared_buffers", "256MB")
            .setServerConfig("max_wal_size", "2GB");
    if (port != 0) {
      builder.setPort(port);
    }
    return new EmbeddedPostgresServer(builder.start());
  }

  public int port() {
    return postgres.getPort();
  }

  public String jdbcUrl(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port() + "/" + database + "?user=postgres";
  }

  /** Creates the database unless it exists. */
  public void ensureDatabase(String name) throws SQLException {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        var asked = connection.prepareStatement("SELECT FROM pg_database WHERE datname = ?")) {
      asked.setString(1, name);
      if (!asked.executeQuery().next()) {
        try (var create = connection.createStatement()) {
          create.execute("CREATE DATABASE " + create.enquoteIdentifier(name, true));
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    postgres.close();
  }
}
