package dev.profilepic.worker.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;

/** Reports the size of the database, and the free room on its disk where it is known. */
final class DiskCheck implements Check {

  private static final long MIB = 1024 * 1024;

  @Override
  public String name() {
    return "disk";
  }

  @Override
  public Need need() {
    return Need.DATABASE;
  }

  @Override
  public void look(Setup setup, Notes notes) throws SQLException, IOException {
    var size = setup.database().text("SELECT pg_size_pretty(pg_database_size(current_database()))");
    var directory = directory(setup);
    if (directory.isEmpty()) {
      notes.ok("the database takes " + size + "; free space cannot be told from here");
      return;
    }
    var store = Files.getFileStore(directory.get());
    judge(size, store.getUsableSpace(), store.getTotalSpace(), notes);
  }

  static void judge(String size, long free, long total, Notes notes) {
    var room = "the database takes " + size + ", " + free / MIB + " MiB of the disk are free";
    var remedy = "Free space or enlarge the disk; PostgreSQL stops when none is left.";
    if (free < 512 * MIB) {
      notes.problem(room, remedy);
    } else if (free < 2048 * MIB || free < total / 20) {
      notes.warning(room, remedy);
    } else {
      notes.ok(room);
    }
  }

  /**
   * Returns the directory of the server's data, if it is on this machine and the doctor may know
   * it.
   */
  private static Optional<Path> directory(Setup setup) throws SQLException {
    var local = Settings.isLoopback(setup.settings().databaseUrl().replaceFirst("^jdbc:", ""));
    var may =
        setup
            .database()
            .isTrue("SELECT pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')");
    return local && may
        ? Optional.of(Path.of(setup.database().text("SELECT current_setting('data_directory')")))
            .filter(Files::isDirectory)
        : Optional.empty();
  }
}
