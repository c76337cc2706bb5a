package dev.profilepic.receiver.syncs;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.profilepic.receiver.http.Fields;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Selects leads of an instance for a bulk sync by their state, their reason or both. At least one
 * of the two is present.
 *
 * @param state of the lead, for example HIDDEN
 * @param reason outcome of its newest attempt, for example NO_ANSWER
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record SyncFilter(@Nullable String state, @Nullable String reason) {

  /** The states that can be selected, in the order in which the console offers them. */
  public static final List<String> STATES =
      List.of("PENDING", "STORED", "NOT_SET", "HIDDEN", "NOT_ON_WHATSAPP", "UNKNOWN", "FAILED");

  private static final String REASON = "[A-Z][A-Z_]{0,63}";

  /** Returns the filter of a call; null when there is none. Errors are reported to the fields. */
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

  /** Returns the filter of a row; null when the row has none. */
  static @Nullable SyncFilter of(@Nullable String state, @Nullable String reason) {
    return state == null && reason == null ? null : new SyncFilter(state, reason);
  }
}
