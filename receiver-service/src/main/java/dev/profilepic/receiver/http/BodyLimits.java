package dev.profilepic.receiver.http;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The largest bodies that are accepted.
 *
 * @param standard of any call
 * @param webhooks of gateways' webhooks, which may carry media that we do not want. These bodies
 *     are read as a stream, so a high limit needs no memory
 * @param bulk of the start of a bulk sync, which lists leads
 */
@ConfigurationProperties("profile-pic.body-limit")
record BodyLimits(
    @DefaultValue("64KB") DataSize standard,
    @DefaultValue("32MB") DataSize webhooks,
    @DefaultValue("8MB") DataSize bulk) {

  private static final DataSize SMALLEST = DataSize.ofKilobytes(1);
  private static final DataSize LARGEST = DataSize.ofMegabytes(64);

  BodyLimits {
    check("standard", standard);
    check("webhooks", webhooks);
    check("bulk", bulk);
  }

  private static void check(String name, DataSize limit) {
    if (limit.compareTo(SMALLEST) < 0 || limit.compareTo(LARGEST) > 0) {
      throw new IllegalArgumentException(
          "profile-pic.body-limit." + name + " must be between 1KB and 64MB");
    }
  }

  boolean isWebhook(String path) {
    return path.startsWith("/webhooks/");
  }

  int bytesFor(String path) {
    return Math.toIntExact((path.endsWith("/sync-profile-pics-bulk") ? bulk : standard).toBytes());
  }
}
