package dev.profilepic.contract;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;

/**
 * The database of a command, from the environment variables {@code PROFILE_PIC_DATABASE_URL},
 * {@code _USER} and {@code _PASSWORD}. A variable that is blank or not set means the database of
 * {@code bin/up}.
 */
public final class DatabaseLogin {

  private final String url;
  private final String user;
  private final String password;

  private DatabaseLogin(String url, String user, String password) {
    this.url = url;
    this.user = user;
    this.password = password;
  }

  /**
   * Reads the variables, and the files that stand for them.
   *
   * @param environment environment variables
   * @throws SecretFiles.UnreadableException names the variable and the file, and no secret
   */
  public static DatabaseLogin of(Map<String, String> environment) {
    var variables = SecretFiles.over(environment);
    return new DatabaseLogin(
        variable(
            variables, "PROFILE_PIC_DATABASE_URL", "jdbc:postgresql://127.0.0.1:54329/profile_pic"),
        variable(variables, "PROFILE_PIC_DATABASE_USER", "postgres"),
        variable(variables, "PROFILE_PIC_DATABASE_PASSWORD", ""));
  }

  private static String variable(Map<String, String> variables, String name, String otherwise) {
    var value = variables.getOrDefault(name, "");
    return value.isBlank() ? otherwise : value;
  }

  /** Returns a new connection, which the caller closes. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(url, user, password);
  }
}
