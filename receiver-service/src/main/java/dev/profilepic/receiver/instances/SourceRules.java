package dev.profilepic.receiver.instances;

import dev.profilepic.contract.SourceCredentials;
import dev.profilepic.contract.SourceUrlPolicy;
import jakarta.validation.constraints.AssertTrue;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The sources of pictures that may be set. The workers read the same properties.
 *
 * @param key seals the credentials of gateways: 32 bytes in base64; without a key no credentials
 *     can be stored
 * @param trustedOrigins origins of gateways that need neither https nor a public address
 */
@Validated
@ConfigurationProperties("profile-pic.sources")
public record SourceRules(@Nullable String key, @DefaultValue List<String> trustedOrigins) {

  public SourceUrlPolicy policy() {
    return new SourceUrlPolicy(trustedOrigins);
  }

  public Optional<SourceCredentials> credentials() {
    return SourceCredentials.of(key);
  }

  @AssertTrue(message = "profile-pic.sources.key " + SourceCredentials.RULE) boolean isKeyUsable() {
    return SourceCredentials.isUsable(key);
  }

  @Override
  public String toString() {
    return "SourceRules[key=***, trustedOrigins=" + trustedOrigins + "]";
  }
}
