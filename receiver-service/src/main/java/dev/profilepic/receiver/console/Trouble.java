package dev.profilepic.receiver.console;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A present problem: a row of {@code profile_pic.list_troubles}.
 *
 * @param name of an alert, {@code NoWorker}, or {@code Instance.} and the instance's state
 * @param instanceId null when the problem concerns no single instance
 * @param since null when the beginning is unknown
 * @param until when the problem ends by itself; null when it does not
 */
record Trouble(
    String name,
    @Nullable String instanceId,
    @Nullable Instant since,
    @Nullable Instant until,
    @Nullable String reason) {

  /**
   * Returns whether an operator caused the problem on purpose. The page then shows it without an
   * alarm.
   */
  boolean isIntended() {
    return name.equals("Instance.paused");
  }

  /** Returns the cause as a sentence. */
  Text asText() {
    return Text.of("trouble." + name, instanceId, name.equals("NoWorker") ? since : orUntil());
  }

  private @Nullable Instant orUntil() {
    return until == null ? since : until;
  }
}
