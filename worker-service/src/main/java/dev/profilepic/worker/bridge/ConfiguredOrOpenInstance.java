package dev.profilepic.worker.bridge;

import dev.profilepic.worker.queue.DefaultInstance;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * The instance for requests that name no instance: the configured instance, else any instance that
 * the bridge reports open.
 */
@Component
class ConfiguredOrOpenInstance implements DefaultInstance {

  private final BridgeOverview bridge;
  private final @Nullable String configured;
  private volatile @Nullable String open;

  ConfiguredOrOpenInstance(BridgeOverview bridge, InstanceProperties properties) {
    this.bridge = bridge;
    this.configured = properties.named();
  }

  @Override
  public @Nullable String get() {
    return configured != null ? configured : open;
  }

  @Scheduled(fixedDelayString = "PT5S")
  void look() {
    if (configured == null) {
      open = bridge.anyOpenInstance().orElse(null);
    }
  }
}
