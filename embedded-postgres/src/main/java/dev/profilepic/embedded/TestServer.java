package dev.profilepic.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The only database server of a test run:
 *
 * <ol>
 *   <li>{@code PROFILE_PIC_TEST_DATABASE_URL}: a JDBC url whose user may create databases and
 *       extensions;
 *   <li>{@code PROFILE_PIC_TEST_DATABASE=docker}: PGMQ's own image, through Testcontainers;
 *   <li>else an embedded PostgreSQL in a temporary directory.
 * </ol>
 *
 * @param adminUrl JDBC url of a database from which other databases are created
 * @param outlivesTests whether the server goes on running after the tests and keeps databases that
 *     were not dropped
 */
record TestServer(String adminUrl, boolean outlivesTests) {

  private static final String IMAGE = "ghcr.io/pgmq/pg18-pgmq:v1.11.1";

  /**
   * Returns the server. The first call starts it where needed; such a server runs until the JVM
   * ends.
   */
  static TestServer get() {
    return Holder.SERVER;
  }

  private static TestServer start() {
    @Nullable String url = System.getenv("PROFILE_PIC_TEST_DATABASE_URL");
    if (url != null && !url.isBlank()) {
      return new TestServer(url, true);
    }
    if ("docker".equals(System.getenv("PROFILE_PIC_TEST_DATABASE"))) {
      return docker();
    }
    try {
      return embedded();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static TestServer docker() {
    var image = DockerImageName.parse(IMAGE).asCompatibleSubstituteFor("postgres");
    var container =
        new PostgreSQLContainer(image).withCommand("postgres", "-c", "max_connections=200");
    container.start();
    Runtime.getRuntime().addShutdownHook(new Thread(container::stop));
    return new TestServer(
        container.getJdbcUrl()
            + "&user="
            + container.getUsername()
            + "&password="
            + container.getPassword(),
        false);
  }

  private static TestServer embedded() throws IOException {
    var directory = Files.createTempDirectory("profile-pic-postgres");
    var server = EmbeddedPostgresServer.startVolatile(directory);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, directory)));
    return new TestServer(server.jdbcUrl("postgres"), false);
  }

  private static void stop(EmbeddedPostgresServer server, Path directory) {
    try {
      server.close();
      try (var files = Files.walk(directory)) {
        for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException failure) {
      System.err.println(
          "the test database left files in " + directory + ": " + failure.getMessage());
    }
  }

  private static final class Holder {
    private static final TestServer SERVER = start();
  }
}
