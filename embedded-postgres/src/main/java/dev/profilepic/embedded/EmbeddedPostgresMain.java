package dev.profilepic.embedded;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * Local mode's database as a process: {@code java -jar embedded-postgres-exec.jar DIRECTORY PORT
 * DATABASE}. Prints one line when the database answers, and stops it cleanly on SIGTERM or SIGINT.
 * {@code PROFILE_PIC_TEST_POSTGRES} (a jar of zonky's) names another server than PostgreSQL 18, and
 * {@code PROFILE_PIC_TEST_PGMQ} (a folder) another PGMQ.
 */
public final class EmbeddedPostgresMain {

  private EmbeddedPostgresMain() {}

  public static void main(String[] args) throws Exception {
    if (args.length != 3) {
      System.err.println("usage: embedded-postgres DIRECTORY PORT DATABASE");
      System.exit(2);
    }
    var server =
        EmbeddedPostgresServer.start(
            Path.of(args[0]),
            Integer.parseInt(args[1]),
            EmbeddedPostgresServer.Versions.of(System.getenv()));
    server.ensureDatabase(args[2]);
    System.out.println("postgres is ready on 127.0.0.1:" + server.port());
    // The library's own shutdown hook stops the server; the process only has to keep running.
    new CountDownLatch(1).await();
  }
}
