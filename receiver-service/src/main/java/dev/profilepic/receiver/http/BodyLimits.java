package dev.profilepic.receiver.http;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How large a body may be.
 *
 * @param standard of any request
 * @param webhooks of gateways' webhooks, which may carry a thumbnail that we do not want
 * @param bulk of a bulk sync, which lists leads
 */
@ConfigurationProperties("profile-pic.body-limit")
record BodyLimits(
    @DefaultValue("64KB") DataSize standard,
    @DefaultValue("1MB") DataSize webhooks,
    @DefaultValue("8MB") DataSize bulk) {

  int bytesFor(String path) {
    if (path.startsWith("/webhooks/")) {
      return Math.toIntExact(webhooks.toBytes());
    }
    return Math.toIntExact((path.endsWith("/sync-profile-pics-bulk") ? bulk : standard).toBytes());
  }
}
