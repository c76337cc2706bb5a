package dev.profilepic.contract;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

  /**
   * A complete Brazilian mobile number. It is read as written, whether its area exists or not: as
   * an international number it is already complete, and as a national number it is too long. Nearly
   * all of our numbers are of this kind, and libphonenumber took a tenth of the receiver's time for
   * them.
   */
  private static final Pattern BRAZIL_MOBILE = Pattern.compile("55[1-9][1-9]9[0-9]{8}");

  /**
   * The digit that WhatsApp and people write or leave out in mobile numbers of three countries.
   * {@code profile_pic.phone_variants} in the database and {@code phoneVariants} in the bridge have
   * the same rule, and {@code phone-cases.json} has the cases that all three are tested with.
   */
  private enum OptionalDigit {
    /**
     * Only numbers that had eight digits before the ninth was introduced may leave it out. No area
     * code has a zero.
     */
    BRAZIL("9", "(55[1-9][1-9])(9?)([6-9][0-9]{7})"),
    MEXICO("1", "(52)(1?)([0-9]{10})"),
    ARGENTINA("9", "(54)(9?)([0-9]{10})");

    private final String digit;
    private final Pattern number;

    OptionalDigit(String digit, String number) {
      this.digit = digit;
      this.number = Pattern.compile(number);
    }
  }

  public PhoneNumber {
    if (!E164_DIGITS.matcher(digits).matches()) {
      throw new IllegalArgumentException("a phone number has 8 to 15 digits and no leading zero");
    }
  }

  /** Returns whether the text is the ISO 3166 code of a country with a known numbering plan. */
  public static boolean isRegion(String code) {
    return PhoneNumberUtil.getInstance().getSupportedRegions().contains(code);
  }

  /**
   * Reads numbers as people and systems write them: {@code +55 (62) 9921-2484}, {@code
   * 5562999212484}, {@code (11) 99999-0000}.
   *
   * <p>Bare digits usually come from WhatsApp or another system and are read as international
   * first. A text with punctuation but no plus was typed by a person and is read in the default
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

  /** Returns whether two numbers belong to the same person. */
  public boolean isSameAs(PhoneNumber other) {
    return key().equals(other.key());
  }

  /**
   * Returns whether a text that a person wrote means this number, possibly without country or area
   * code. {@code profile_pic.same_phone} in the database decides in the same way, but knows no
   * region.
   *
   * @param defaultRegion as for {@link #parse}
   */
  public boolean isWrittenAs(String text, String defaultRegion) {
    var written = text.replaceAll("[^0-9]", "");
    return (written.length() >= SUFFIX
            && Stream.concat(Stream.of(this), otherSpelling().stream())
                .anyMatch(spelling -> spelling.digits().endsWith(written)))
        || parse(text, defaultRegion).filter(this::isSameAs).isPresent();
  }

  /** Returns the other way to write the same number; empty when there is only one way. */
  public Optional<PhoneNumber> otherSpelling() {
    for (var country : OptionalDigit.values()) {
      var number = country.number.matcher(digits);
      if (number.matches()) {
        var digit = number.group(2).isEmpty() ? country.digit : "";
        return Optional.of(new PhoneNumber(number.group(1) + digit + number.group(3)));
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the last eight digits. All ways to write a number share these digits, so they find
   * candidates. The exception is Argentina's 15, which is among these digits outside Buenos Aires.
   */
  public String suffix() {
    return digits.substring(digits.length() - SUFFIX);
  }

  /** Returns the key that all spellings of the number share: the shortest spelling. */
  String key() {
    return otherSpelling()
        .map(PhoneNumber::digits)
        .filter(other -> other.length() < digits.length())
        .orElse(digits);
  }

  /** Returns the number as logs may show it: {@code 55629****2484}. */
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

  /**
   * Reads a number that is valid in one of its spellings. Numbering plans list only one spelling of
   * a number.
   */
  private static Optional<PhoneNumber> read(String text, String region) {
    var phones = PhoneNumberUtil.getInstance();
    try {
      var parsed = phones.parse(text, region);
      return plain(phones.format(parsed, PhoneNumberFormat.E164).substring(1))
          .filter(number ->
              phones.isValidNumber(parsed)
                  || number.otherSpelling().filter(PhoneNumber::isInAPlan).isPresent());
    } catch (NumberParseException notANumber) {
      return Optional.empty();
    }
  }

  private boolean isInAPlan() {
    var phones = PhoneNumberUtil.getInstance();
    try {
      return phones.isValidNumber(phones.parse("+" + digits, "ZZ"));
    } catch (NumberParseException notANumber) {
      return false;
    }
  }
}
