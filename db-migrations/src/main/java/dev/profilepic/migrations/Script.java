package dev.profilepic.migrations;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Map;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.Context;

/** An SQL script of this jar that runs beside the migrations, outside of Flyway's transactions. */
final class Script {

  private Script() {}

  /**
   * Runs a script on Flyway's connection.
   *
   * @param resource the script's path in this jar
   * @param names replaces {@code ${key}} by its value
   * @param failed the text in front of the database's own message when the script fails
   */
  static void run(Context context, String resource, Map<String, String> names, String failed) {
    try (var statement = context.getConnection().createStatement()) {
      statement.execute(withNames(read(resource), names));
    } catch (SQLException refused) {
      throw new FlywayException(failed + ": " + refused.getMessage(), refused);
    }
  }

  private static String withNames(String sql, Map<String, String> names) {
    var named = sql;
    for (var name : names.entrySet()) {
      named = named.replace("${" + name.getKey() + "}", name.getValue());
    }
    return named;
  }

  private static String read(String resource) {
    try (InputStream in = Script.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not in this jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
