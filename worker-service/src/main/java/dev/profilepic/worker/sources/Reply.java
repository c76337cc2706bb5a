package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.Lookup;
import dev.profilepic.worker.exchanges.FencedHttp;
import java.nio.charset.StandardCharsets;
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
      case 429 -> Lookup.Throttled.after(retryAfter);
      default -> new Lookup.BridgeDown("the gateway answered " + status);
    };
  }

  /** What the status alone means where a LID was asked for. */
  LidAnswer lidByStatus() {
    return new LidAnswer.Down("the gateway answered " + status);
  }

  /** The result of an answer that is JSON but not the gateway's. */
  static Lookup strange() {
    return new Lookup.BridgeDown("the gateway answered something that we do not understand");
  }
}
