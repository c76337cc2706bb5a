package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tests the cases of {@code phone-cases.json}. The database and the bridge are tested with the same
 * cases.
 */
class PhoneCasesTest {

  private static final JsonNode CASES =
      JsonMapper.builder()
          .build()
          .readTree(PhoneCasesTest.class.getResourceAsStream("/phone-cases.json"));

  static Stream<JsonNode> numbers() {
    return CASES.path("numbers").valueStream();
  }

  static Stream<JsonNode> single() {
    return CASES.path("single").valueStream();
  }

  static Stream<JsonNode> spellings() {
    return CASES.path("spellings").valueStream();
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void eitherNumberIsTheOtherSpellingOfTheOther(JsonNode pair) {
    var one = new PhoneNumber(pair.path("one").asString());
    var other = new PhoneNumber(pair.path("other").asString());
    boolean same = pair.path("same").asBoolean();

    assertThat(one.isSameAs(other)).isEqualTo(same);
    assertThat(other.isSameAs(one)).isEqualTo(same);
    assertThat(one.otherSpelling().filter(other::equals).isPresent()).isEqualTo(same);
    assertThat(other.otherSpelling().filter(one::equals).isPresent()).isEqualTo(same);
  }

  @ParameterizedTest
  @MethodSource("single")
  void aNumberWithOneSpellingHasNoOther(JsonNode single) {
    assertThat(new PhoneNumber(single.path("number").asString()).otherSpelling()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("spellings")
  void whatPeopleWriteIsTheNumberOrIsNot(JsonNode spelling) {
    var number = new PhoneNumber(spelling.path("number").asString());

    assertThat(
            number.isWrittenAs(
                spelling.path("written").asString(), spelling.path("region").asString()))
        .isEqualTo(spelling.path("same").asBoolean());
  }
}
