package dev.profilepic.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * PGMQ's own files, from this jar or, for another version, from a folder. They are laid out for
 * PostgreSQL 18's {@code extension_control_path}, or put beside the extensions of an older server,
 * which finds extensions only there.
 */
final class PgmqExtension {

  private static final String RESOURCES = "/pgmq/share/postgresql/extension/";
  private static final String CONTROL = "pgmq.control";
  private static final Pattern VERSION = Pattern.compile("default_version\\s*=\\s*'([0-9.]+)'");

  private final @Nullable Path folder;

  /**
   * @param folder holds {@code pgmq.control} and the SQL file, as PGMQ's repository or its packages
   *     have them; null for the version in this jar
   */
  PgmqExtension(@Nullable Path folder) {
    this.folder = folder;
  }

  /**
   * Writes the files below {@code directory}.
   *
   * @return the value of {@code extension_control_path} that finds them, quoted for {@code postgres
   *     -c}: a bare {@code $system} would be expanded by the shell that starts the server, and
   *     every contrib extension would be missing
   */
  String install(Path directory) throws IOException {
    copyTo(Files.createDirectories(directory.resolve("share/postgresql/extension")));
    return "'" + directory.toAbsolutePath() + "/share/postgresql:$system'";
  }

  /** Writes the files beside the extensions of each server that was unpacked below a directory. */
  void installBesideOthers(Path binaries) throws IOException {
    try (var servers = Files.list(binaries)) {
      for (var server : servers.toList()) {
        var extensions = server.resolve("share/postgresql/extension");
        if (Files.isDirectory(extensions)) {
          copyTo(extensions);
        }
      }
    }
  }

  /** Copies the control file and the script of its default version. */
  private void copyTo(Path target) throws IOException {
    var control = target.resolve(CONTROL);
    copy(CONTROL, control);
    var version = VERSION.matcher(Files.readString(control, StandardCharsets.UTF_8));
    if (!version.find()) {
      throw new IOException("pgmq.control names no default_version");
    }
    var script = "pgmq--" + version.group(1) + ".sql";
    copy(script, target.resolve(script));
  }

  private void copy(String name, Path target) throws IOException {
    if (folder != null) {
      Files.copy(find(folder, name), target, StandardCopyOption.REPLACE_EXISTING);
      return;
    }
    try (InputStream in = PgmqExtension.class.getResourceAsStream(RESOURCES + name)) {
      if (in == null) {
        throw new IOException(
            name + " is not in this jar: build embedded-postgres with Maven, which fetches it");
      }
      Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Finds a file. In PGMQ's repository the newest script is {@code sql/pgmq.sql}. */
  private static Path find(Path folder, String name) throws IOException {
    Optional<Path> found =
        Stream.of(name, "sql/" + name, "sql/pgmq.sql", "pgmq.sql")
            .filter(each -> !name.equals(CONTROL) || each.equals(CONTROL))
            .map(folder::resolve)
            .filter(Files::isRegularFile)
            .findFirst();
    return found.orElseThrow(() -> new IOException(folder + " holds no " + name));
  }
}
