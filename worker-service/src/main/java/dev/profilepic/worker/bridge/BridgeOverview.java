package dev.profilepic.worker.bridge;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** The bridge's report about itself and its instances. Each method asks for it again. */
@Component
public class BridgeOverview {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final BridgeHttp http;

  BridgeOverview(BridgeHttp http) {
    this.http = http;
  }

  /** Returns an instance that is open; empty when there is none or the bridge cannot be reached. */
  Optional<String> anyOpenInstance() {
    for (var instance : read().path("instances")) {
      if ("open".equals(instance.path("state").asString("")) && instance.path("id").isString()) {
        return Optional.of(instance.path("id").asString());
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the longest time that the bridge takes for a lookup, including the wait in its queue;
   * empty when the bridge does not report it or cannot be reached.
   */
  Optional<Duration> longestLookup() {
    var longest = read().path("longest_lookup_ms");
    return longest.isIntegralNumber() && longest.canConvertToLong()
        ? Optional.of(Duration.ofMillis(longest.asLong()))
        : Optional.empty();
  }

  /**
   * Returns the budgets that the bridge allows its instances, as JSON by instance id; empty when
   * the bridge cannot be reached.
   */
  public Map<String, String> budgets() {
    var budgets = new HashMap<String, String>();
    for (var instance : read().path("instances")) {
      if (instance.path("id").isString() && instance.path("budget").isObject()) {
        budgets.put(instance.path("id").asString(), instance.path("budget").toString());
      }
    }
    return budgets;
  }

  private JsonNode read() {
    try {
      return http.execute(
          http.get("/instances"), response -> JSON.readTree(response.getEntity().getContent()));
    } catch (IOException | JacksonException away) {
      return MissingNode.getInstance();
    }
  }
}
