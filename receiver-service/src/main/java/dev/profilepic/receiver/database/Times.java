package dev.profilepic.receiver.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Converts times from PostgreSQL's {@code timestamptz}, which also holds infinity, and years that
 * no page and no JSON can show. Callers get only times from {@link #EARLIEST} to {@link #LATEST}.
 */
public final class Times {

  /** Pages and RFC 3339 write years with four digits. */
  public static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");

  public static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private Times() {}

  /** Returns a time from a column that is never null; for {@code -infinity} the earliest time. */
  public static Instant of(ResultSet row, String column) throws SQLException {
    var time = Objects.requireNonNull(row.getObject(column, OffsetDateTime.class), column);
    return time.toInstant().isBefore(EARLIEST) ? EARLIEST : bounded(time);
  }

  /**
   * Returns a time; null where the column is null or {@code -infinity}, which stands for never. For
   * {@code infinity} it returns the latest time.
   */
  public static @Nullable Instant orNull(ResultSet row, String column) throws SQLException {
    @Nullable OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null || time.toInstant().isBefore(EARLIEST) ? null : bounded(time);
  }

  private static Instant bounded(OffsetDateTime time) {
    var instant = time.toInstant();
    return instant.isAfter(LATEST) ? LATEST : instant;
  }

  /** Returns whether a page can show a time. */
  public static boolean isShowable(Instant time) {
    return !time.isBefore(EARLIEST) && !time.isAfter(LATEST);
  }
}
