package dev.profilepic.worker.bridge;

import dev.profilepic.contract.UrlHost;
import jakarta.validation.constraints.AssertTrue;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The connection to the Baileys bridge.
 *
 * @param url the bridge's base url
 * @param token the bridge's Bearer token; may be absent where another gateway is asked for all
 *     pictures
 * @param timeout for the bridge's whole answer; longer than the longest lookup there, its wait in
 *     the bridge's queue included ({@link LookupTimeCheck})
 */
@Validated
@ConfigurationProperties("profile-pic.bridge")
public record BridgeProperties(
    URI url, @DefaultValue("") String token, @DefaultValue("20s") Duration timeout) {

  @AssertTrue(
      message = "profile-pic.bridge.url must be an http or https url (PROFILE_PIC_BRIDGE_URL)")
  boolean isUrlOfABridge() {
    return UrlHost.of(url) != null && List.of("http", "https").contains(url.getScheme());
  }

  @AssertTrue(message = "profile-pic.bridge.timeout must be positive") boolean isTimeoutPositive() {
    return timeout.isPositive();
  }

  @Override
  public String toString() {
    return "BridgeProperties[url=" + url + ", token=***]";
  }
}
