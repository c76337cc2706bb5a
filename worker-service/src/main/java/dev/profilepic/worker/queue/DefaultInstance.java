package dev.profilepic.worker.queue;

import org.jspecify.annotations.Nullable;

/** Answers for messages and leads that name no WhatsApp instance. */
@FunctionalInterface
public interface DefaultInstance {

  /** The instance to ask; null when there is none. Must not block for long: every claim asks. */
  @Nullable String get();
}
