package dev.profilepic.receiver.console;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that is wrong now: a row of {@code profile_pic.list_troubles}.
 *
 * @param name of an alert, {@code NoWorker}, or {@code Instance.} and the instance's state
 * @param instanceId null when it is of no instance
 * @param since null when nobody knows
 * @param until when it ends by itself; null when it does not
 */
record Trouble(
    String name,
    @Nullable String instanceId,
    @Nullable Instant since,
    @Nullable Instant until,
    @Nullable String reason) {

  /** An operator wanted it so: worth saying, and no alarm. */
  boolean isIntended() {
    return name.equals("Instance.paused");
  }

  /** The cause as a sentence. */
  Text asText() {
    return Text.of("trouble." + name, instanceId, name.equals("NoWorker") ? since : orUntil());
  }

  private @Nullable Instant orUntil() {
    return until == null ? since : until;
  }
}
