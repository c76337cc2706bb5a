package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Times that anybody may have written, read without an error. */
class TimesTest {

  private static TestDatabase database;

  @BeforeAll
  static void migrate() {
    database = TestDatabase.migrated();
  }

  @AfterAll
  static void drop() {
    database.close();
  }

  @Test
  void aLeapDayIsRead() throws SQLException {
    for (var day :
        List.of(
            "2024-02-29", "2000-02-29", "2400-02-29", "1996-02-29", "2008-02-29", "2016-02-29")) {
      assertThat(read(day + "T12:00:00Z")).isEqualTo(day + " 12:00:00");
    }
    assertThat(read("2028-02-29 23:59:59.5-03:00")).isEqualTo("2028-03-01 02:59:59");
  }

  @Test
  void aDayThatDoesNotExistIsUnread() throws SQLException {
    for (var day :
        List.of(
            "2023-02-29",
            "2100-02-29",
            "1900-02-29",
            "2200-02-29",
            "2024-02-30",
            "2022-02-29",
            "2024-04-31",
            "0400-02-29",
            "20240-02-29",
            "2024-2-29",
            "2024-13-01",
            "2024-01-32")) {
      assertThat(read(day + "T12:00:00Z")).as(day).isNull();
    }
  }

  /** In eight centuries a leap day is read when PostgreSQL's calendar has it. */
  @Test
  void theCalendarIsPostgresOwn() throws SQLException {
    try (var connection = database.dataSource().getConnection();
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                """
                SELECT count(*) FROM generate_series(1600, 2400) AS y
                WHERE (profile_pic.time_or_null(y || '-02-29T00:00:00Z') IS NOT NULL)
                  IS DISTINCT FROM (extract(day FROM make_date(y, 3, 1) - 1) = 29)
                """)) {
      rows.next();
      assertThat(rows.getInt(1)).isZero();
    }
  }

  private static @Nullable String read(String written) throws SQLException {
    try (var connection = database.dataSource().getConnection();
        var statement =
            connection.prepareStatement(
                "SELECT to_char(profile_pic.time_or_null(?) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')")) {
      statement.setString(1, written);
      var rows = statement.executeQuery();
      rows.next();
      return rows.getString(1);
    }
  }
}
