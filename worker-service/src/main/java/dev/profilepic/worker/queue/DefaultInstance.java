package dev.profilepic.worker.queue;

import org.jspecify.annotations.Nullable;

/** The instance for messages and leads that name no WhatsApp instance. */
@FunctionalInterface
public interface DefaultInstance {

  /**
   * Returns the instance to ask; null when there is none. Must not block for long, because every
   * claim asks.
   */
  @Nullable String get();
}
