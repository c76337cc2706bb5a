package dev.profilepic.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Uses the cases that also test {@code PhoneNumber} and the bridge. */
class PhoneCasesTest {

  private static final JsonNode CASES =
      JsonMapper.builder()
          .build()
          .readTree(Path.of("../contract/src/test/resources/phone-cases.json"));

  private static TestDatabase database;
  private static Connection connection;

  static Stream<JsonNode> numbers() {
    return CASES.path("numbers").valueStream();
  }

  static Stream<JsonNode> single() {
    return CASES.path("single").valueStream();
  }

  static Stream<JsonNode> spellings() {
    return CASES.path("spellings").valueStream();
  }

  @BeforeAll
  static void migrate() throws SQLException {
    database = TestDatabase.migrated();
    connection = database.dataSource().getConnection();
  }

  @AfterAll
  static void drop() throws SQLException {
    connection.close();
    database.close();
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void eitherNumberIsAVariantOfTheOther(JsonNode pair) throws SQLException {
    var one = pair.path("one").asString();
    var other = pair.path("other").asString();

    assertThat(
            Stream.of(
                says("SELECT profile_pic.same_phone(?, ?)", one, other),
                says("SELECT profile_pic.same_phone(?, ?)", other, one),
                says("SELECT ? = ANY (profile_pic.phone_variants(?))", one, other),
                says("SELECT ? = ANY (profile_pic.phone_variants(?))", other, one),
                says(
                    "SELECT profile_pic.mentions('Call ' || ? || ' 10:30', ARRAY[?], '{}')",
                    one,
                    other),
                says(
                    "SELECT profile_pic.mentions('Call ' || ? || ' 10:30', ARRAY[?], '{}')",
                    other,
                    one)))
        .containsOnly(pair.path("same").asBoolean());
  }

  @ParameterizedTest
  @MethodSource("single")
  void aNumberWithOneSpellingHasNoOther(JsonNode single) throws SQLException {
    var number = single.path("number").asString();

    assertThat(says("SELECT profile_pic.phone_variants(?) = ARRAY[?]::text[]", number, number))
        .isTrue();
  }

  @ParameterizedTest
  @MethodSource("spellings")
  void whatPeopleWriteIsTheNumberOrIsNot(JsonNode spelling) throws SQLException {
    var written = spelling.path("written").asString();
    var number = spelling.path("number").asString();

    assertThat(
            Stream.of(
                says("SELECT profile_pic.same_phone(?, ?)", written, number),
                says("SELECT profile_pic.same_phone(?, ?)", number, written),
                says("SELECT profile_pic.is_among(?, ARRAY[?])", written, number)))
        .containsOnly(spelling.path("same").asBoolean());
  }

  private static boolean says(String sql, String one, String other) throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      statement.setString(1, one);
      statement.setString(2, other);
      var answer = statement.executeQuery();
      answer.next();
      return answer.getBoolean(1);
    }
  }
}
