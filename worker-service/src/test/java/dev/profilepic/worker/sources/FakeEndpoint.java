package dev.profilepic.worker.sources;

import com.sun.net.httpserver.HttpExchange;
import dev.profilepic.worker.FakeBridge.Answer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A custom endpoint in the format of wppconnect: a link, or null for a missing or hidden photo. */
final class FakeEndpoint extends FakeGateway {

  @Override
  protected Answer answerTo(
      String method, String path, Map<String, String> query, JsonNode body, HttpExchange exchange) {
    if (!("Bearer " + KEY).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      return json(401, Map.of("error", "Unauthorized"));
    }
    var prefix = "/api/" + INSTANCE + "/profile-pic/";
    if (!path.startsWith(prefix)) {
      return json(404, Map.of("status", "Disconnected"));
    }
    if (!connected()) {
      return json(503, Map.of("status", "Disconnected"));
    }
    return switch (saysOf(jid(path.substring(prefix.length()) + "@s.whatsapp.net"))) {
      case PHOTO -> link(photo());
      case NONE, HIDDEN -> link(null);
      case THROTTLED -> json(429, Map.of());
      case SILENCE -> json(504, Map.of());
      case EMPTY, GARBAGE, HANG, DRIP, BROKEN -> throw new IllegalStateException();
    };
  }

  private static Answer link(@Nullable String eurl) {
    var response = new HashMap<String, @Nullable String>();
    response.put("eurl", eurl);
    return json(200, Map.of("status", "success", "response", response));
  }
}
