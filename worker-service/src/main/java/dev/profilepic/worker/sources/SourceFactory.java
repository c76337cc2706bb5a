package dev.profilepic.worker.sources;

import dev.profilepic.contract.SourceCredentials;
import dev.profilepic.contract.SourceKind;
import dev.profilepic.contract.SourceUrlPolicy;
import dev.profilepic.worker.bridge.BridgeClient;
import dev.profilepic.worker.bridge.InstanceCircuits;
import dev.profilepic.worker.bridge.LookupTimer;
import dev.profilepic.worker.exchanges.FencedHttp;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes sources from the configuration. A source that cannot be made is replaced by a source that
 * answers every question by saying that its instance is down, and why.
 */
final class SourceFactory {

  private final SourceProperties properties;
  private final SourceUrlPolicy policy;
  private final FencedHttp http;
  private final InstanceCircuits instances;
  private final SourceCircuits circuits;
  private final LookupTimer timer;
  private final UnaryOperator<@Nullable String> environment;
  private final Credentials credentials;
  private final PictureSource bridge;

  SourceFactory(
      SourceProperties properties,
      SourceUrlPolicy policy,
      FencedHttp http,
      BridgeClient bridge,
      InstanceCircuits instances,
      SourceCircuits circuits,
      LookupTimer timer,
      UnaryOperator<@Nullable String> environment) {
    this.properties = properties;
    this.policy = policy;
    this.http = http;
    this.instances = instances;
    this.circuits = circuits;
    this.timer = timer;
    this.environment = environment;
    this.credentials = new Credentials(properties);
    this.bridge = new BridgeSource(bridge);
  }

  /** Returns whether the source for instances without their own source answers batches. */
  boolean othersHaveBatches() {
    return properties.ofAllOthers().isBridge() && bridge.hasBatches();
  }

  PictureSource ofAllOthers(String instanceId) {
    return configured(properties.ofAllOthers(), instanceId);
  }

  /** Makes a source from the configuration. The instance's id is its name by default. */
  PictureSource configured(SourceProperties.Configured source, String instanceId) {
    return source.isBridge()
        ? bridge
        : gateway(
            new Target(
                SourceKind.of(source.kind()).orElseThrow(),
                Objects.requireNonNull(source.url()),
                source.name() == null ? instanceId : source.name(),
                source.credential(),
                false));
  }

  /** Makes a source that the API set. */
  PictureSource set(SourceTable.Row row) {
    var kind = SourceKind.of(row.kind());
    if (kind.isEmpty()) {
      return guarded("this worker does not know the kind of the instance's source");
    }
    if (!kind.get().isRemote()) {
      return bridge;
    }
    var url = row.url();
    if (url == null) {
      return guarded("the instance's source has no url");
    }
    var refusal = policy.refuse(url);
    if (refusal.isPresent()) {
      return guarded("the url of the instance's source " + refusal.get());
    }
    @Nullable String credential = null;
    if (row.environment() != null) {
      credential = fromEnvironment(row.environment());
      if (credential == null) {
        return guarded("the environment variable with the source's credential is not set");
      }
    } else if (row.sealed() != null) {
      credential = opened(row.sealed(), row, kind.get(), url);
      if (credential == null) {
        return guarded(
            "the source's credential does not open with this worker's profile-pic.sources.key");
      }
    }
    return gateway(
        new Target(
            kind.get(), url, row.name() == null ? row.instanceId() : row.name(), credential, true));
  }

  /** Makes a source that only says why its instance cannot be asked. */
  static PictureSource down(String why) {
    return new DownSource(why, null);
  }

  /** Makes the same source, but the instance is paused as well. */
  private PictureSource guarded(String why) {
    return new DownSource(why, instances);
  }

  private PictureSource gateway(Target target) {
    return new GatewaySource(
        target, http, instances, circuits.of(target), timer, properties.timeout());
  }

  private @Nullable String fromEnvironment(String name) {
    return SourceCredentials.isVariable(name) ? environment.apply(name) : null;
  }

  private @Nullable String opened(byte[] sealed, SourceTable.Row row, SourceKind kind, String url) {
    var purpose = new SourceCredentials.Purpose(row.instanceId(), kind, url, row.name());
    return credentials.open(sealed, purpose).orElse(null);
  }
}
