package dev.profilepic.embedded;

import dev.profilepic.migrations.LeadsTable;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A database for the table of a CRM, with methods that run SQL in one line. */
public final class Crm implements AutoCloseable {

  final TestDatabase database = TestDatabase.empty();

  public static LeadsTable leads(String table, String id, boolean trigger, boolean create) {
    return new LeadsTable(
        table,
        id,
        "phone",
        "instance_id",
        "profile_pic_url",
        "profile_pic_storage_path",
        "updated_at",
        "name",
        trigger,
        create);
  }

  /** Applies the migrations for {@code public.leads} with triggers. */
  void migrate() {
    database.migrate(leads("public.leads", "id", true, false));
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(database.jdbcUrl());
  }

  void execute(String sql) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  List<String> column(String sql) throws SQLException {
    try (var connection = connect()) {
      return column(connection, sql);
    }
  }

  static List<String> column(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      var values = new ArrayList<String>();
      var more = statement.execute(sql);
      while (!more && statement.getUpdateCount() != -1) {
        more = statement.getMoreResults();
      }
      var rows = statement.getResultSet();
      while (rows.next()) {
        values.add(String.valueOf(rows.getString(1)));
      }
      return values;
    }
  }

  @Override
  public void close() {
    database.close();
  }
}
