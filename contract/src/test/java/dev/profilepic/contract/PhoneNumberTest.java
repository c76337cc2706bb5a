package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
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
        "(62) 9921-2484, 556299212484",
        "062 9921-2484, 556299212484",
        "6299212484, 556299212484",
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

  /** The shortcut for these numbers must give the same result as libphonenumber, in any region. */
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
    // As bare digits this is a French number. As typed text it is a Brazilian number.
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

  @Test
  void everyWayToWriteANumberEndsAlike() {
    assertThat(new PhoneNumber("5562999212484").suffix()).isEqualTo("99212484");
    assertThat(new PhoneNumber("556299212484").suffix()).isEqualTo("99212484");
  }
}
