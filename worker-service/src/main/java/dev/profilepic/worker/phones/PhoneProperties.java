package dev.profilepic.worker.phones;

import dev.profilepic.contract.PhoneNumber;
import jakarta.validation.constraints.AssertTrue;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How phone numbers are read; the receiver reads the same name.
 *
 * @param defaultRegion ISO 3166 code of the country whose national numbers are understood
 */
@Validated
@ConfigurationProperties("profile-pic.phone")
record PhoneProperties(@DefaultValue("BR") String defaultRegion) {

  @AssertTrue(
      message =
          "profile-pic.phone.default-region must be the ISO 3166 code of a country, such as BR")
  boolean isRegionKnown() {
    return PhoneNumber.isRegion(defaultRegion);
  }
}
