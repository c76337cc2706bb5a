package dev.profilepic.worker.sources;

import com.sun.net.httpserver.HttpExchange;
import dev.profilepic.worker.FakeBridge.Answer;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Evolution Go: the key selects the instance, and whatsmeow's errors come as texts. */
final class FakeEvolutionGo extends FakeGateway {

  @Override
  protected Answer answerTo(
      String method, String path, Map<String, String> query, JsonNode body, HttpExchange exchange) {
    if (!KEY.equals(exchange.getRequestHeaders().getFirst("apikey"))) {
      return json(401, Map.of("error", "not authorized"));
    }
    if (!connected()) {
      return json(500, Map.of("error", "client is not connected to WhatsApp"));
    }
    return switch (method + " " + path) {
      case "POST /user/avatar" -> picture(body.path("number").asString(""));
      case "POST /user/check" ->
          json(
              200,
              Map.of(
                  "message",
                  "success",
                  "data",
                  Map.of("Users", body.path("number").valueStream().map(this::user).toList())));
      default -> text(404, "404 page not found");
    };
  }

  private Map<String, Object> user(JsonNode number) {
    var jid = jid(number.asString());
    return Map.of("Query", number.asString(), "IsInWhatsapp", !jid.isEmpty(), "JID", jid);
  }

  private Answer picture(String jid) {
    return switch (saysOf(jid)) {
      case PHOTO ->
          json(
              200,
              Map.of(
                  "message",
                  "success",
                  "data",
                  Map.of("url", photo(), "id", "17", "type", "image", "direct_path", "/v/x")));
      case NONE -> failed("that user or group does not have a profile picture");
      case HIDDEN -> failed("the user has hidden their profile picture from you");
      case THROTTLED -> failed("info query returned status 429: rate-overlimit");
      case SILENCE -> failed("info query timed out");
      case EMPTY, GARBAGE, HANG, DRIP, BROKEN -> throw new IllegalStateException();
    };
  }

  private static Answer failed(String error) {
    return json(500, Map.of("error", error));
  }
}
