package dev.profilepic.receiver.phones;

import dev.profilepic.contract.PhoneNumber;
import jakarta.validation.constraints.AssertTrue;
import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Reads phone numbers.
 *
 * @param defaultRegion ISO 3166 code of the country whose national numbers are understood
 */
@Validated
@ConfigurationProperties("profile-pic.phone")
public record Phones(@DefaultValue("BR") String defaultRegion) {

  @AssertTrue(
      message =
          "profile-pic.phone.default-region must be the ISO 3166 code of a country, such as BR")
  boolean isRegionKnown() {
    return PhoneNumber.isRegion(defaultRegion);
  }

  /** The number; empty when the text is no phone number. */
  public Optional<PhoneNumber> parse(String text) {
    return PhoneNumber.parse(text, defaultRegion);
  }
}
