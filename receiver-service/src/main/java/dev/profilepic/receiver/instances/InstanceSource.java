package dev.profilepic.receiver.instances;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.profilepic.contract.SourceKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The source of an instance's pictures, without secrets.
 *
 * @param url without its query, which may hold a secret
 * @param name the gateway's own name for the instance; null when the gateway uses our id
 * @param credential where the credential is kept: {@code sealed} in the database, {@code
 *     environment}, or {@code none}
 * @param tells the answers that the source tells apart; all other answers are UNKNOWN
 * @param batches whether the source answers for many contacts at once
 */
public record InstanceSource(
    String kind,
    @Nullable String url,
    @Nullable String name,
    String credential,
    @JsonProperty("credential_env") @Nullable String credentialEnv,
    List<String> tells,
    boolean batches) {

  static InstanceSource of(
      String kind,
      @Nullable String url,
      @Nullable String name,
      boolean sealed,
      @Nullable String variable) {
    var known = SourceKind.of(kind);
    return new InstanceSource(
        kind,
        url == null ? null : url.replaceFirst("\\?.*", "?…"),
        name,
        sealed ? "sealed" : variable != null ? "environment" : "none",
        variable,
        known.map(SourceKind::tells).orElse(List.of()),
        known.map(SourceKind::hasBatches).orElse(false));
  }
}
