package dev.profilepic.receiver.syncs;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.profilepic.receiver.http.Fields;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which leads of an instance a bulk sync looks at, by what is known of them; at least one of the
 * two is there.
 *
 * @param state as leads have it, for example HIDDEN
 * @param reason outcome of their newest attempt, for example NO_ANSWER
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record SyncFilter(@Nullable String state, @Nullable String reason) {

  /** The states that can be asked for, in the order in which they are offered. */
  public static final List<String> STATES =
      List.of("PENDING", "STORED", "NOT_SET", "HIDDEN", "NOT_ON_WHATSAPP", "UNKNOWN", "FAILED");

  private static final String REASON = "[A-Z][A-Z_]{0,63}";

  /** That of a request; null when there is none. What is wrong with it is told to the fields. */
  static @Nullable SyncFilter read(Fields fields) {
    var node = fields.raw("filter");
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    var filter = fields.nested("filter");
    @Nullable String state = filter.optionalId("state");
    if (state != null && !STATES.contains(state)) {
      filter.reject("state", "must be one of " + String.join(", ", STATES));
    }
    @Nullable String reason = filter.optionalId("reason");
    if (reason != null && !reason.matches(REASON)) {
      filter.reject("reason", "must be the code of an outcome, for example NO_ANSWER");
    }
    if (state == null && reason == null) {
      fields.reject(
          "filter",
          "must name a state, a reason or both; leave it out for all leads without a photo");
    }
    return new SyncFilter(state, reason);
  }

  /** That of a row; null when it has none. */
  static @Nullable SyncFilter of(@Nullable String state, @Nullable String reason) {
    return state == null && reason == null ? null : new SyncFilter(state, reason);
  }
}
