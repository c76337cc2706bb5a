package dev.profilepic.worker.sources;

import dev.profilepic.contract.SourceCredentials;
import dev.profilepic.contract.SourceKind;
import dev.profilepic.contract.SourceUrlPolicy;
import dev.profilepic.contract.UrlHost;
import jakarta.validation.constraints.AssertTrue;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The sources of pictures. For each instance the first of these that names a source decides: {@code
 * instances}, the sources that the API set, {@code of-all-others}.
 *
 * @param ofAllOthers the source of instances without their own source; our bridge by default
 * @param instances sources of single instances, by our id; the API cannot change these
 * @param key opens the credentials that the receiver sealed: 32 bytes in base64, the same for
 *     receiver and worker
 * @param trustedOrigins origins of gateways that an API key may name though they are not public or
 *     not https; the receiver reads the same name
 * @param timeout for all calls of one question
 */
@Validated
@ConfigurationProperties("profile-pic.sources")
record SourceProperties(
    @DefaultValue Configured ofAllOthers,
    @DefaultValue Map<String, Configured> instances,
    @Nullable String key,
    @DefaultValue({}) List<String> trustedOrigins,
    @DefaultValue("20s") Duration timeout) {

  /**
   * @param name the gateway's own name for the instance; the instance's id by default
   * @param credential the gateway's key or token
   */
  record Configured(
      @DefaultValue("bridge") String kind,
      @Nullable String url,
      @Nullable String name,
      @Nullable String credential) {

    Configured {
      url = blankAsNull(url);
      name = blankAsNull(name);
      credential = blankAsNull(credential);
    }

    @Override
    public String toString() {
      return "Configured[kind=" + kind + ", url=" + url + ", credential=***]";
    }

    private static @Nullable String blankAsNull(@Nullable String text) {
      return text == null || text.isBlank() ? null : text;
    }

    private static boolean isAbsolute(@Nullable String url) {
      try {
        return url != null && UrlHost.of(new URI(SourceUrlPolicy.filled(url, "0", "0"))) != null;
      } catch (URISyntaxException notAUrl) {
        return false;
      }
    }

    boolean isBridge() {
      return SourceKind.of(kind).filter(known -> !known.isRemote()).isPresent();
    }

    private boolean isWhole() {
      return SourceKind.of(kind)
          .filter(known -> known.isRemote() ? isAbsolute(url) : url == null)
          .isPresent();
    }
  }

  @AssertTrue(message = "profile-pic.sources.timeout must be positive") boolean isTimeoutPositive() {
    return timeout.isPositive();
  }

  @AssertTrue(
      message =
          "profile-pic.sources.of-all-others and each of profile-pic.sources.instances need a kind (bridge,"
              + " evolution, evolution-go, waha, fazer or http) and, but for the bridge, a url")
  boolean isEachSourceWhole() {
    return ofAllOthers.isWhole() && instances.values().stream().allMatch(Configured::isWhole);
  }

  @AssertTrue(message = "profile-pic.sources.key " + SourceCredentials.RULE) boolean isKeyUsable() {
    return SourceCredentials.isUsable(key);
  }

  /** Returns the means to open the credentials that the API set; empty without a key. */
  Optional<SourceCredentials> credentials() {
    return SourceCredentials.of(key);
  }

  @Override
  public String toString() {
    return "SourceProperties[ofAllOthers="
        + ofAllOthers
        + ", instances="
        + instances
        + ", key=***]";
  }
}
