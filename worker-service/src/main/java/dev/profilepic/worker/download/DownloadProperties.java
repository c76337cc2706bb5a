package dev.profilepic.worker.download;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Limits of a download.
 *
 * @param timeout for the whole of it, however slowly the bytes drip
 * @param connectTimeout for reaching the CDN
 * @param maxBytes of a picture
 * @param maxPixels along either side
 * @param maxConnections to the CDN, at once
 */
@Validated
@ConfigurationProperties("profile-pic.download")
record DownloadProperties(
    @DefaultValue("20s") Duration timeout,
    @DefaultValue("5s") Duration connectTimeout,
    @DefaultValue("5MB") DataSize maxBytes,
    @DefaultValue("4096") @Min(1) @Max(16_383) int maxPixels,
    @DefaultValue("512") @Min(1) int maxConnections) {

  @AssertTrue(message = "profile-pic.download.timeout must be positive and max-bytes at most 50MB") boolean isWithinReason() {
    return timeout.isPositive() && connectTimeout.isPositive() && maxBytes.toMegabytes() <= 50;
  }
}
