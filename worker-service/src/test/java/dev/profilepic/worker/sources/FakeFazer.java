package dev.profilepic.worker.sources;

import com.sun.net.httpserver.HttpExchange;
import dev.profilepic.worker.FakeBridge.Answer;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** fazer-ai/baileys-api: phone numbers as names, and texts as errors. */
final class FakeFazer extends FakeGateway {

  static final String NUMBER = "556230001000";

  @Override
  protected Answer answerTo(
      String method, String path, Map<String, String> query, JsonNode body, HttpExchange exchange) {
    if (!KEY.equals(exchange.getRequestHeaders().getFirst("x-api-key"))) {
      return json(401, Map.of("error", "Unauthorized", "message", "Valid API key required"));
    }
    if (!connected() || !path.startsWith("/connections/+" + NUMBER + "/")) {
      return text(500, "Phone number not connected");
    }
    return switch (method + " " + path.substring(path.lastIndexOf('/'))) {
      case "GET /profile-picture-url" -> picture(query.getOrDefault("jid", ""));
      case "POST /on-whatsapp" ->
          json(
              200,
              body.path("jids")
                  .valueStream()
                  .map(spelling -> jid(spelling.asString()))
                  .filter(jid -> !jid.isEmpty())
                  .map(jid -> Map.of("jid", jid, "exists", true))
                  .toList());
      default -> text(404, "NOT_FOUND");
    };
  }

  private Answer picture(String jid) {
    return switch (saysOf(jid)) {
      case PHOTO -> json(200, Map.of("data", Map.of("jid", jid, "profilePictureUrl", photo())));
      case NONE -> text(404, "Profile picture not found");
      case HIDDEN -> text(500, "not-authorized");
      case THROTTLED -> text(500, "rate-overlimit");
      case SILENCE -> silent();
      case EMPTY, GARBAGE, HANG, DRIP, BROKEN -> throw new IllegalStateException();
    };
  }
}
