package dev.profilepic.receiver.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Converts times from PostgreSQL's {@code timestamptz}. */
public final class Times {

  private Times() {}

  /** Returns a time from a column that is never null. */
  public static Instant of(ResultSet row, String column) throws SQLException {
    return Objects.requireNonNull(orNull(row, column), column);
  }

  public static @Nullable Instant orNull(ResultSet row, String column) throws SQLException {
    @Nullable OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
