package dev.profilepic.worker.phones;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How phone numbers are read; the receiver reads the same name.
 *
 * @param defaultRegion ISO 3166 code of the country whose national numbers are understood
 */
@ConfigurationProperties("profile-pic.phone")
record PhoneProperties(@DefaultValue("BR") String defaultRegion) {}
