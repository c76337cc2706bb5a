package dev.profilepic.receiver.database;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Converts lists from PostgreSQL's {@code text[]}. */
public final class Texts {

  private Texts() {}

  /** Returns a list; empty where the column is null. */
  public static List<String> of(ResultSet row, String column) throws SQLException {
    @Nullable List<String> texts = orNull(row, column);
    return texts == null ? List.of() : texts;
  }

  public static @Nullable List<String> orNull(ResultSet row, String column) throws SQLException {
    @Nullable Array array = row.getArray(column);
    return array == null ? null : List.of((String[]) array.getArray());
  }
}
