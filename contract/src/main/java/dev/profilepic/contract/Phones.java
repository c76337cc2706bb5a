package dev.profilepic.contract;

import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Reads phone numbers.
 *
 * @param defaultRegion ISO 3166 code of the country whose national numbers are understood
 */
@ConfigurationProperties("profile-pic.phone")
public record Phones(@DefaultValue("BR") String defaultRegion) {

  /**
   * @throws IllegalArgumentException when there is no such country; names the property
   */
  public Phones {
    if (!PhoneNumber.isRegion(defaultRegion)) {
      throw new IllegalArgumentException(
          "profile-pic.phone.default-region must be the ISO 3166 code of a country, such as BR");
    }
  }

  /** Returns the number; empty when the text is no phone number. */
  public Optional<PhoneNumber> parse(String text) {
    return PhoneNumber.parse(text, defaultRegion);
  }
}
