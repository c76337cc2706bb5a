package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The functions mean the same in a database with {@code standard_conforming_strings = off}, in
 * which a backslash in a plain literal is an escape.
 */
class PlainLiteralsTest {

  /** A comment, a literal with escapes, or a plain literal, which is group 1. */
  private static final Pattern LITERAL =
      Pattern.compile("--[^\\n]*|(?<![A-Za-z0-9_])[eE]'(?:[^'\\\\]|\\\\.|'')*'|('(?:[^']|'')*')");

  private static TestDatabase database;

  @BeforeAll
  static void migrate() {
    database = TestDatabase.migratedWithTriggers();
  }

  @AfterAll
  static void drop() {
    database.close();
  }

  @Test
  void noFunctionHasABackslashInAPlainLiteral() throws SQLException {
    try (var connection = database.dataSource().getConnection()) {
      var functions =
          Crm.column(
              connection,
              "SELECT p.oid::regprocedure || E'\\n' || p.prosrc FROM pg_proc AS p WHERE p.pronamespace = 'profile_pic'::regnamespace");

      assertThat(functions).hasSizeGreaterThan(200);
      assertThat(functions.stream().flatMap(source -> withBackslash(source).stream())).isEmpty();
    }
  }

  @Test
  void theScanFindsPlainLiteralsOnly() {
    assertThat(withBackslash("f\n 'a\\d' -- '\\x'\n E'\\\\d' name'\\s' 'it''s' ''"))
        .containsExactly("f: 'a\\d'", "f: '\\s'");
  }

  @Test
  void aPhoneIsReadInADatabaseWithBackslashEscapes() throws SQLException {
    try (var connection = database.dataSource().getConnection()) {
      connection.createStatement().execute("SET standard_conforming_strings = off");

      assertThat(
              Crm.column(
                  connection,
                  """
                  SELECT concat_ws(' ', profile_pic.same_phone('0 15 62 99921-2484', '5562999212484'),
                    profile_pic.same_phone('+55 (062) 99921-2484', '5562999212484'),
                    profile_pic.same_phone('0 15 62 99921-2485', '5562999212484'),
                    profile_pic.time_or_null('2024-02-28T12:00:00.5Z') IS NOT NULL,
                    profile_pic.mentions(E'\\u201998765432101234@lid', '{}', '{98765432101234}'))
                  """))
          .containsExactly("t t f t t");
    }
  }

  @Test
  void aNameWithSignsOfPatternsIsFoundInADatabaseWithBackslashEscapes() throws SQLException {
    try (var connection = database.dataSource().getConnection()) {
      connection
          .createStatement()
          .execute(
              "INSERT INTO public.leads (phone, name) VALUES ('5562999212484', E'100%_\\\\a'), ('5562999212485', '100 xya')");
      for (var setting : List.of("on", "off")) {
        connection.createStatement().execute("SET standard_conforming_strings = " + setting);

        for (var needle : List.of("0%", "%_", "\\\\a")) {
          assertThat(
                  Crm.column(
                      connection,
                      "SELECT count(lead_id) FROM profile_pic.find_names(E'"
                          + needle
                          + "', 10, '10 s')"))
              .as("%s with %s", needle, setting)
              .containsExactly("1");
        }
      }
    }
  }

  private static List<String> withBackslash(String source) {
    var name = source.substring(0, source.indexOf('\n'));
    return LITERAL
        .matcher(source)
        .results()
        .map(found -> found.group(1))
        .filter(literal -> literal != null && literal.indexOf('\\') >= 0)
        .map(literal -> name + ": " + literal)
        .toList();
  }
}
