package dev.profilepic.worker.doctor;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** A connection that returns the values of queries as texts. */
final class Database implements AutoCloseable {

  /** A row. A null column is an empty text. */
  record Row(List<String> columns) {
    String at(int index) {
      return columns.get(index);
    }
  }

  private final Connection connection;

  private Database(Connection connection) {
    this.connection = connection;
  }

  /** Connects without prepared statements on the server, so that any pooler works. */
  static Database connect(String url, String user, @Nullable String password) throws SQLException {
    var properties = new Properties();
    if (!user.isEmpty()) {
      properties.setProperty("user", user);
    }
    if (password != null && !password.isEmpty()) {
      properties.setProperty("password", password);
    }
    properties.setProperty("prepareThreshold", "0");
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("socketTimeout", "30");
    properties.setProperty("ApplicationName", "profile-pic doctor");
    return new Database(DriverManager.getConnection(url, properties));
  }

  List<Row> rows(String sql, @Nullable Object... parameters) throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      try (var results = statement.executeQuery()) {
        var rows = new ArrayList<Row>();
        while (results.next()) {
          var columns = new ArrayList<String>();
          for (int i = 1; i <= results.getMetaData().getColumnCount(); i++) {
            @Nullable String value = results.getString(i);
            columns.add(value == null ? "" : value);
          }
          rows.add(new Row(columns));
        }
        return rows;
      }
    }
  }

  /** Returns the first column of the first row; empty without rows. */
  String text(String sql, @Nullable Object... parameters) throws SQLException {
    return first(sql, parameters).map(row -> row.at(0)).orElse("");
  }

  Optional<Row> first(String sql, @Nullable Object... parameters) throws SQLException {
    return rows(sql, parameters).stream().findFirst();
  }

  boolean isTrue(String sql, @Nullable Object... parameters) throws SQLException {
    return text(sql, parameters).equals("t");
  }

  /** Work that needs several statements in one transaction, which is rolled back. */
  interface Work<T> {
    T with(Database database) throws SQLException;
  }

  <T> T inOneTransaction(Work<T> work) throws SQLException {
    connection.setAutoCommit(false);
    try {
      return work.with(this);
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  void execute(String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Returns the database's message without its details, which repeat whole rows. */
  static String why(SQLException refused) {
    @Nullable String message = refused.getMessage();
    return message == null
        ? "state " + refused.getSQLState()
        : message.lines().findFirst().orElse("");
  }

  Connection connection() {
    return connection;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
