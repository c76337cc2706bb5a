package dev.profilepic.worker.store;

import dev.profilepic.contract.SecretFiles;
import dev.profilepic.contract.SecretFilesPostProcessor;
import dev.profilepic.store.BucketException;
import dev.profilepic.store.PhotoStore;
import dev.profilepic.store.S3Properties;
import dev.profilepic.store.StoreProperties;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * {@code bin/move-store --to s3|postgres}: moves the photos that are kept. It reads the worker's
 * variables. When it is stopped and started again, it goes on where it ended. Workers and receivers
 * run all the while.
 */
public final class MoveStoreCommand {

  private static final String USAGE =
      """
      usage: move-store --to s3|postgres
      Moves all photos that are kept to the bucket of PROFILE_PIC_STORE_S3_BUCKET, or from it into the database. Set
      PROFILE_PIC_STORE_TYPE of receiver and worker to the new store first, so that no new photo goes into the old one.
      The database is that of PROFILE_PIC_DATABASE_URL, _USER and _PASSWORD; without them local mode's. Secrets may come as
      files: PROFILE_PIC_STORE_S3_SECRET_KEY_FILE names the file that holds the key.
      It may be stopped at any time; started again, it goes on where it ended.
      """;

  private MoveStoreCommand() {}

  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments), new StandardEnvironment(), System.out));
  }

  /**
   * @return the process's status: 0 done, 1 not possible now or not complete, 2 wrong usage
   */
  static int run(List<String> arguments, ConfigurableEnvironment environment, PrintStream out) {
    if (arguments.size() != 2
        || !arguments.getFirst().equals("--to")
        || !List.of("s3", "postgres").contains(arguments.get(1))) {
      out.print(USAGE);
      return 2;
    }
    try {
      SecretFilesPostProcessor.addTo(environment);
    } catch (SecretFiles.UnreadableException unreadable) {
      out.println(unreadable.getMessage() + ". " + unreadable.remedy());
      return 2;
    }
    var database =
        new SingleConnectionDataSource(
            environment.getProperty(
                "PROFILE_PIC_DATABASE_URL", "jdbc:postgresql://127.0.0.1:54329/profile_pic"),
            environment.getProperty("PROFILE_PIC_DATABASE_USER", "postgres"),
            environment.getProperty("PROFILE_PIC_DATABASE_PASSWORD", ""),
            true);
    try (var store = store(environment)) {
      if (!store.hasBucket()) {
        out.println("PROFILE_PIC_STORE_S3_BUCKET names no bucket: set it to that of the worker");
        return 2;
      }
      var sql = new StoreSql(JdbcClient.create((DataSource) database));
      var result =
          new MoveStore(sql, store, moved -> out.println(moved + " moved"))
              .move(arguments.get(1).equals("s3"));
      out.printf("done: %d photos moved%n", result.moved());
      if (result.missing() > 0) {
        out.printf(
            "%d photos are not in the bucket, and stay as they are; the next look at their leads fetches them%n",
            result.missing());
        return 1;
      }
      return 0;
    } catch (BucketException away) {
      out.println("stopped: " + away.getMessage() + ". Start it again to go on.");
      return 1;
    } catch (DataAccessException refused) {
      var cause = refused.getCause() instanceof SQLException said ? said : refused;
      out.println("stopped, the database refused: " + cause.getMessage());
      out.println("Start it again to go on.");
      return 1;
    } catch (IllegalArgumentException wrong) {
      out.println(wrong.getMessage());
      return 2;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return 1;
    } finally {
      database.destroy();
    }
  }

  private static PhotoStore store(Environment environment) {
    var binder = Binder.get(environment);
    try {
      return new PhotoStore(
          binder.bindOrCreate("profile-pic.store", StoreProperties.class),
          binder.bindOrCreate("profile-pic.store.s3", S3Properties.class));
    } catch (BindException wrong) {
      throw new IllegalArgumentException(
          String.valueOf(NestedExceptionUtils.getMostSpecificCause(wrong).getMessage()), wrong);
    }
  }
}
