package dev.profilepic.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Pattern;

/**
 * PGMQ's own files, carried in this jar and laid out as PostgreSQL 18's {@code
 * extension_control_path} wants them.
 */
final class PgmqExtension {

  private static final String RESOURCES = "/pgmq/share/postgresql/extension/";
  private static final Pattern VERSION = Pattern.compile("default_version\\s*=\\s*'([0-9.]+)'");

  private PgmqExtension() {}

  /**
   * Writes the control file and the script of its default version below {@code directory}.
   *
   * @return the value of {@code extension_control_path} that finds them, quoted for {@code postgres
   *     -c}: a bare {@code $system} would be expanded by the shell that starts the server, and
   *     every contrib extension be gone
   */
  static String install(Path directory) throws IOException {
    var target = Files.createDirectories(directory.resolve("share/postgresql/extension"));
    var control = copy("pgmq.control", target);
    var version = VERSION.matcher(Files.readString(control, StandardCharsets.UTF_8));
    if (!version.find()) {
      throw new IOException("pgmq.control names no default_version");
    }
    copy("pgmq--" + version.group(1) + ".sql", target);
    return "'" + directory.toAbsolutePath() + "/share/postgresql:$system'";
  }

  private static Path copy(String name, Path directory) throws IOException {
    try (InputStream in = PgmqExtension.class.getResourceAsStream(RESOURCES + name)) {
      if (in == null) {
        throw new IOException(
            name + " is not in this jar: build embedded-postgres with Maven, which fetches it");
      }
      var file = directory.resolve(name);
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      return file;
    }
  }
}
