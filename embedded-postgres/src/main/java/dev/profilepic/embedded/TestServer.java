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
 * The one server of a test run, whichever it is:
 *
 * <ol>
 *   <li>{@code PROFILE_PIC_TEST_DATABASE_URL}: a JDBC url whose user may create databases and
 *       extensions;
 *   <li>{@code PROFILE_PIC_TEST_DATABASE=docker}: PGMQ's own image, through Testcontainers;
 *   <li>else an embedded PostgreSQL in a temporary directory.
 * </ol>
 *
 * @param adminUrl JDBC url of a database to create others from
 * @param outlivesTests whether it is somebody else's server, which keeps what is left in it
 */
record TestServer(String adminUrl, boolean outlivesTests) {

  private static final String IMAGE = "ghcr.io/pgmq/pg18-pgmq:v1.11.1";

  /** Starts it at the first call of the JVM; it lives as long as the JVM does. */
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
