package dev.profilepic.worker.sources;

import com.sun.net.httpserver.HttpExchange;
import dev.profilepic.worker.FakeBridge.Answer;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Evolution API 2.3: its guards in their order, Baileys' bare answers, errors as it wraps them. */
final class FakeEvolution extends FakeGateway {

  @Override
  protected Answer answerTo(
      String method, String path, Map<String, String> query, JsonNode body, HttpExchange exchange) {
    var call = path.substring(0, path.lastIndexOf('/'));
    var instance = path.substring(path.lastIndexOf('/') + 1);
    if (!instance.equals(INSTANCE)) {
      return error(404, "Not Found", List.of("The \"" + instance + "\" instance does not exist"));
    }
    if (!KEY.equals(exchange.getRequestHeaders().getFirst("apikey"))) {
      return error(401, "Unauthorized", "Unauthorized");
    }
    if (!method.equals("POST")) {
      return error(404, "Not Found", List.of("Cannot " + method + " " + path));
    }
    if (!connected()) {
      return error(500, "Internal Server Error", "Connection Closed");
    }
    var jid = body.path("jid").asString("");
    return switch (call) {
      case "/baileys/profilePictureUrl" -> picture(jid, body);
      case "/baileys/onWhatsapp" ->
          json(
              200,
              jid(jid).isEmpty() ? List.of() : List.of(Map.of("jid", jid(jid), "exists", true)));
      default -> error(404, "Not Found", List.of("Cannot POST " + path));
    };
  }

  private Answer picture(String jid, JsonNode body) {
    return switch (saysOf(jid)) {
      case PHOTO -> json(200, photo());
      case NONE -> failed("item-not-found");
      case HIDDEN -> failed("not-authorized");
      case THROTTLED -> failed("rate-overlimit");
      // Without timeoutMs Baileys resolves undefined.
      case SILENCE -> body.path("timeoutMs").asInt(0) > 0 ? failed("Timed Out") : text(200, "");
      case GARBAGE, HANG, DRIP, BROKEN -> throw new IllegalStateException();
    };
  }

  private static Answer failed(String message) {
    return error(500, "Internal Server Error", message);
  }

  private static Answer error(int status, String error, Object message) {
    return json(
        status, Map.of("status", status, "error", error, "response", Map.of("message", message)));
  }
}
