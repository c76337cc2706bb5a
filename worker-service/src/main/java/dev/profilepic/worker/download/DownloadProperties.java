package dev.profilepic.worker.download;

import jakarta.validation.constraints.AssertTrue;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Limits of a download.
 *
 * @param timeout for the whole download, however slowly the bytes arrive
 * @param maxBytes of a picture
 */
@Validated
@ConfigurationProperties("profile-pic.download")
record DownloadProperties(
    @DefaultValue("20s") Duration timeout, @DefaultValue("5MB") DataSize maxBytes) {

  @AssertTrue(
      message = "profile-pic.download.timeout must be positive, and max-bytes between 1B and 50MB")
  boolean isWithinReason() {
    return timeout.isPositive() && maxBytes.toBytes() > 0 && maxBytes.toMegabytes() <= 50;
  }
}
