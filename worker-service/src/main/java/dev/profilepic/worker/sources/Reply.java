package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.Lookup;
import dev.profilepic.worker.exchanges.FencedHttp;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A gateway's answer, not interpreted.
 *
 * @param retryAfter its header, unread; null without one
 */
record Reply(int status, byte[] body, @Nullable String retryAfter) {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration RETRY_AFTER = Duration.ofSeconds(60);
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(24);

  static Reply of(FencedHttp.Answer answer) {
    return new Reply(answer.status(), answer.body(), answer.retryAfter());
  }

  /**
   * @throws tools.jackson.core.JacksonException when it is no JSON
   */
  JsonNode json() {
    return JSON.readTree(body);
  }

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** What the status alone means with every gateway, where the answer says no more. */
  Lookup byStatus() {
    return switch (status) {
      case 401, 403 -> new Lookup.InstanceDown("the gateway refused the source's credential");
      case 404 -> new Lookup.InstanceDown("the gateway knows neither the instance nor the call");
      case 400, 413, 414, 415 -> new Lookup.Refused("the gateway refused the question");
      case 408, 504 -> new Lookup.NoAnswer();
      case 429 -> new Lookup.Throttled(rest());
      default -> new Lookup.BridgeDown("the gateway answered " + status);
    };
  }

  /** What the status alone means where a LID was asked for. */
  LidAnswer lidByStatus() {
    return new LidAnswer.Down("the gateway answered " + status);
  }

  private Duration rest() {
    if (retryAfter == null || !retryAfter.matches("[0-9]{1,6}")) {
      return RETRY_AFTER;
    }
    var asked = Duration.ofSeconds(Math.max(1, Long.parseLong(retryAfter)));
    return asked.compareTo(LONGEST_RETRY_AFTER) < 0 ? asked : LONGEST_RETRY_AFTER;
  }

  /** The result of an answer that is JSON but not the gateway's. */
  static Lookup strange() {
    return new Lookup.BridgeDown("the gateway answered something that we do not understand");
  }
}
