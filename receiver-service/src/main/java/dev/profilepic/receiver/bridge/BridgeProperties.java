package dev.profilepic.receiver.bridge;

import jakarta.validation.constraints.AssertTrue;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The bridge, through which the console adds numbers and shows their QR codes.
 *
 * @param url null where the receiver reaches no bridge: the console then pairs no numbers
 * @param token its Bearer token
 */
@Validated
@ConfigurationProperties("profile-pic.bridge")
record BridgeProperties(@Nullable URI url, @DefaultValue("") String token) {

  BridgeProperties {
    if (url != null && url.toString().isBlank()) {
      url = null;
    }
  }

  @AssertTrue(
      message = "profile-pic.bridge.url must be an http or https url (PROFILE_PIC_BRIDGE_URL)")
  boolean isUrlOfABridge() {
    return url == null
        || (url.getHost() != null && List.of("http", "https").contains(url.getScheme()));
  }

  @Override
  public String toString() {
    return "BridgeProperties[url=" + url + ", token=***]";
  }
}
