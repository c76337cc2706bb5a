package dev.profilepic.contract;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A phone number as WhatsApp wants it: country code and number, digits only.
 *
 * @param digits 8 to 15 digits (E.164 without its plus)
 */
public record PhoneNumber(String digits) {

  private static final Pattern E164_DIGITS = Pattern.compile("[1-9][0-9]{7,14}");
  private static final Pattern BARE_DIGITS = Pattern.compile("[0-9]+");
  private static final int LONGEST_INPUT = 40;
  private static final int SUFFIX = 8;
  private static final int LONGEST = 15;
  private static final Pattern BRAZIL_NINTH_DIGIT =
      Pattern.compile("(55[1-9][1-9])9([6-9][0-9]{7})");

  /**
   * A complete Brazilian mobile number. It is read as written, whether its area exists or not: as
   * an international number it is already complete, and as a national number it is too long. Nearly
   * all of our numbers are of this kind, and libphonenumber took a tenth of the receiver's time for
   * them.
   */
  private static final Pattern BRAZIL_MOBILE = Pattern.compile("55[1-9][1-9]9[0-9]{8}");

  private static final Pattern MEXICO_ONE = Pattern.compile("(52)1([0-9]{10})");
  private static final Pattern ARGENTINA_NINE = Pattern.compile("(54)9([0-9]{10})");

  public PhoneNumber {
    if (!E164_DIGITS.matcher(digits).matches()) {
      throw new IllegalArgumentException("a phone number has 8 to 15 digits and no leading zero");
    }
  }

  /** Whether the text is the ISO 3166 code of a country with a known numbering plan. */
  public static boolean isRegion(String code) {
    return PhoneNumberUtil.getInstance().getSupportedRegions().contains(code);
  }

  /**
   * Reads numbers as people and systems write them: {@code +55 (62) 9921-2484}, {@code
   * 5562999212484}, {@code (11) 99999-0000}.
   *
   * <p>Bare digits usually come from WhatsApp or another system and are read as international
   * first; anything with punctuation but no plus was typed by a person and is read in the default
   * region first. A number that fits neither numbering plan but has 8 to 15 digits is kept as it
   * is, since plans change faster than libraries.
   *
   * @param text at most 40 characters
   * @param defaultRegion ISO 3166 code of the country whose national numbers are understood, for
   *     example {@code BR}
   * @return empty when the text is no phone number
   */
  public static Optional<PhoneNumber> parse(String text, String defaultRegion) {
    var trimmed = text.strip();
    if (BRAZIL_MOBILE.matcher(trimmed).matches()) {
      return Optional.of(new PhoneNumber(trimmed));
    }
    if (trimmed.isEmpty() || trimmed.length() > LONGEST_INPUT || hasLetters(trimmed)) {
      return Optional.empty();
    }
    var digits = trimmed.replaceAll("[^0-9]", "");
    if (trimmed.startsWith("+") || digits.startsWith("00")) {
      return international(digits.replaceFirst("^00", ""))
          .or(() -> plain(digits.replaceFirst("^00", "")));
    }
    if (BARE_DIGITS.matcher(trimmed).matches()) {
      return international(digits)
          .or(() -> national(digits, defaultRegion))
          .or(() -> plain(digits));
    }
    return national(digits, defaultRegion).or(() -> international(digits)).or(() -> plain(digits));
  }

  /**
   * Whether two numbers belong to the same person. In three countries WhatsApp and people write
   * mobile numbers with or without one digit: Brazil's ninth digit (only for numbers that had eight
   * digits before the ninth was introduced), Mexico's 1, Argentina's 9. {@code
   * profile_pic.phone_key} in the database has the same rule.
   */
  public boolean isSameAs(PhoneNumber other) {
    return key().equals(other.key());
  }

  /** The other way to write the same number; empty when there is only one way. */
  public Optional<PhoneNumber> otherSpelling() {
    if (!key().equals(digits)) {
      return Optional.of(new PhoneNumber(key()));
    }
    for (var added : List.of("9", "1")) {
      int at = digits.startsWith("55") ? 4 : 2;
      var longer = digits.substring(0, at) + added + digits.substring(at);
      if (longer.length() <= LONGEST && new PhoneNumber(longer).key().equals(digits)) {
        return Optional.of(new PhoneNumber(longer));
      }
    }
    return Optional.empty();
  }

  /** The last eight digits. All ways to write a number share them, so they find candidates. */
  public String suffix() {
    return digits.substring(digits.length() - SUFFIX);
  }

  /** The key that all spellings of the number share. */
  String key() {
    for (var variant : List.of(BRAZIL_NINTH_DIGIT, MEXICO_ONE, ARGENTINA_NINE)) {
      var matcher = variant.matcher(digits);
      if (matcher.matches()) {
        return matcher.group(1) + matcher.group(2);
      }
    }
    return digits;
  }

  /** The number as logs may show it: {@code 55629****2484}. */
  public String masked() {
    return mask(digits);
  }

  /** Masks any text that may be a phone number, valid or not. */
  public static String mask(String text) {
    if (text.length() < 10) {
      return "****";
    }
    return text.substring(0, 5) + "****" + text.substring(text.length() - 4);
  }

  private static boolean hasLetters(String text) {
    return text.chars().anyMatch(Character::isLetter);
  }

  private static Optional<PhoneNumber> international(String digits) {
    return read("+" + digits, "ZZ");
  }

  private static Optional<PhoneNumber> national(String digits, String region) {
    return read(digits, region);
  }

  private static Optional<PhoneNumber> plain(String digits) {
    return E164_DIGITS.matcher(digits).matches()
        ? Optional.of(new PhoneNumber(digits))
        : Optional.empty();
  }

  private static Optional<PhoneNumber> read(String text, String region) {
    var phones = PhoneNumberUtil.getInstance();
    try {
      var parsed = phones.parse(text, region);
      return phones.isValidNumber(parsed)
          ? plain(phones.format(parsed, PhoneNumberFormat.E164).substring(1))
          : Optional.empty();
    } catch (NumberParseException notANumber) {
      return Optional.empty();
    }
  }
}
