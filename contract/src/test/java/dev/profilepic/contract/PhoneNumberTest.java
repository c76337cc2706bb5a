package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PhoneNumberTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "+55 (62) 9921-2484, 556299212484",
        "5562999212484, 5562999212484",
        "556299212484, 556299212484",
        "(11) 99999-0000, 5511999990000",
        "11999990000, 5511999990000",
        "0055 11 99999-0000, 5511999990000",
        "+1 415 555 2671, 14155552671",
        "351912345678, 351912345678",
        "5491122334455, 5491122334455",
        "  5562999212484  , 5562999212484",
      })
  void whatPeopleAndSystemsWriteIsRead(String text, String digits) {
    assertThat(PhoneNumber.parse(text, "BR")).contains(new PhoneNumber(digits));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "abc",
        "55 62 abc 2484",
        "12",
        "0000000000",
        "+",
        "1234567890123456789"
      })
  void whatIsNoPhoneNumberIsRefused(String text) {
    assertThat(PhoneNumber.parse(text, "BR")).isEmpty();
  }

  /** The shortcut for these must say what libphonenumber says, in any region. */
  @ParameterizedTest
  @ValueSource(strings = {"5562999212484", "5511912345678", "5523999212484", "5599900000000"})
  void aBrazilianMobileNumberInFullIsReadAsItStands(String digits) {
    for (var region : List.of("BR", "US", "MX")) {
      assertThat(PhoneNumber.parse(digits, region))
          .contains(new PhoneNumber(digits))
          .isEqualTo(PhoneNumber.parse("+" + digits, region));
    }
  }

  @Test
  void punctuationWithoutAPlusIsReadInTheDefaultRegionFirst() {
    // As bare digits this is a French number, as typed text a Brazilian one.
    assertThat(PhoneNumber.parse("33912345678", "BR")).contains(new PhoneNumber("33912345678"));
    assertThat(PhoneNumber.parse("(33) 91234-5678", "BR"))
        .contains(new PhoneNumber("5533912345678"));
  }

  @Test
  void logsNeverShowTheMiddle() {
    assertThat(new PhoneNumber("5562999212484").masked()).isEqualTo("55629****2484");
    assertThat(PhoneNumber.mask("short")).isEqualTo("****");
  }

  @Test
  void onlyDigitsMakeANumber() {
    assertThatThrownBy(() -> new PhoneNumber("+5562999212484"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "5562999212484, 556299212484",
    "556299212484, 5562999212484",
    "525512345678, 5215512345678",
    "541122334455, 5491122334455",
    "556232124840,",
    "5511941234567,",
    "14155552671,",
  })
  void theOtherSpellingIsTheSameNumber(String digits, @Nullable String other) {
    assertThat(new PhoneNumber(digits).otherSpelling().map(PhoneNumber::digits))
        .isEqualTo(Optional.ofNullable(other));
  }

  @ParameterizedTest
  @CsvSource({
    "5562999212484, 556299212484, true",
    "5215512345678, 525512345678, true",
    "5491122334455, 541122334455, true",
    "5562999212484, 5511999212484, false",
    // A mobile number that never had eight digits, and the landline that has.
    "5511941234567, 551141234567, false",
    "14155552671, 14155552672, false",
  })
  void numbersOfOnePersonAreTheSameHoweverWritten(String one, String other, boolean same) {
    assertThat(new PhoneNumber(one).isSameAs(new PhoneNumber(other))).isEqualTo(same);
    assertThat(new PhoneNumber(other).isSameAs(new PhoneNumber(one))).isEqualTo(same);
  }

  @Test
  void everyWayToWriteANumberEndsAlike() {
    assertThat(new PhoneNumber("5562999212484").suffix()).isEqualTo("99212484");
    assertThat(new PhoneNumber("556299212484").suffix()).isEqualTo("99212484");
  }
}
