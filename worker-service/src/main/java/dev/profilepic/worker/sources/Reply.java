package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.Lookup;
import dev.profilepic.worker.exchanges.FencedHttp;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A gateway's answer, not interpreted.
 *
 * @param retryAfter how long the gateway asks to wait; null when it does not say
 */
record Reply(int status, byte[] body, @Nullable Duration retryAfter) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  static Reply of(FencedHttp.Answer answer) {
    return new Reply(answer.status(), answer.body(), answer.retryAfter());
  }

  /**
   * @throws tools.jackson.core.JacksonException when the answer is not JSON
   */
  JsonNode json() {
    return JSON.readTree(body);
  }

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /**
   * Returns the meaning of the status, with every gateway, when the answer says no more.
   *
   * @param refuses whether a body is the gateway's own error for a question that it can never
   *     answer. Without such a body, a proxy or another server may have refused the call, for all
   *     questions and for some time only.
   */
  Lookup byStatus(Predicate<JsonNode> refuses) {
    return switch (status) {
      case 401, 403 -> new Lookup.InstanceDown("the gateway refused the source's credential");
      case 404 -> new Lookup.InstanceDown("the gateway knows neither the instance nor the call");
      case 400, 413, 414, 415, 422 ->
          isJson(refuses) ? new Lookup.Refused("the gateway refused the question") : down();
      case 408, 504 -> new Lookup.NoAnswer();
      case 429 -> Lookup.Throttled.after(retryAfter);
      default -> down();
    };
  }

  private Lookup down() {
    return new Lookup.BridgeDown("the gateway answered " + status);
  }

  private boolean isJson(Predicate<JsonNode> form) {
    try {
      return form.test(json());
    } catch (JacksonException notJson) {
      return false;
    }
  }

  /** Returns the meaning of the status alone when a LID was asked for. */
  LidAnswer lidByStatus() {
    return new LidAnswer.Down("the gateway answered " + status);
  }

  /** Returns the result of an answer that is JSON but not the gateway's. */
  static Lookup strange() {
    return new Lookup.BridgeDown("the gateway answered something that we do not understand");
  }
}
