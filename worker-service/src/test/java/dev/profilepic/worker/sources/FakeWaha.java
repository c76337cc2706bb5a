package dev.profilepic.worker.sources;

import com.sun.net.httpserver.HttpExchange;
import dev.profilepic.worker.FakeBridge.Answer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** WAHA: a link or null. A failure is also null. The answer comes from a cache unless refreshed. */
final class FakeWaha extends FakeGateway {

  @Override
  protected Answer answerTo(
      String method, String path, Map<String, String> query, JsonNode body, HttpExchange exchange) {
    if (!KEY.equals(exchange.getRequestHeaders().getFirst("X-Api-Key"))) {
      return json(401, Map.of("message", "Unauthorized", "statusCode", 401));
    }
    if (path.startsWith("/api/" + INSTANCE + "/lids/") && connected()) {
      return lid(path.substring(path.lastIndexOf('/') + 1));
    }
    if (!INSTANCE.equals(query.get("session")) && !path.contains("/lids/")) {
      return json(404, Map.of("message", "Session not found", "statusCode", 404));
    }
    if (!connected()) {
      return json(
          422,
          Map.of(
              "error",
              "Session status is not as expected. Try again later or restart the session",
              "status",
              "FAILED"));
    }
    return switch (method + " " + path) {
      case "GET /api/contacts/profile-picture" ->
          picture(
              saysOf(whatsApp(query.getOrDefault("contactId", ""))) == Says.PHOTO
                      && "true".equals(query.get("refresh"))
                  ? photo()
                  : null);
      case "GET /api/contacts/check-exists" -> exists(jid(query.get("phone") + "@s.whatsapp.net"));
      default -> json(404, Map.of("message", "Cannot " + method + " " + path, "statusCode", 404));
    };
  }

  private static Answer picture(@Nullable String url) {
    var answer = new HashMap<String, @Nullable String>();
    answer.put("profilePictureURL", url);
    return json(200, answer);
  }

  /** Takes an id without a server for a LID. The number is null when the LID is unknown. */
  private Answer lid(String asked) {
    var lid = asked.contains("@") ? asked : asked + "@lid";
    var answer = new HashMap<String, @Nullable String>();
    answer.put("lid", lid);
    answer.put("pn", whose(lid).isEmpty() ? null : whose(lid).replace("@s.whatsapp.net", "@c.us"));
    return json(200, answer);
  }

  private static Answer exists(String jid) {
    return json(
        200,
        jid.isEmpty()
            ? Map.of("numberExists", false)
            : Map.of("numberExists", true, "chatId", jid.replace("@s.whatsapp.net", "@c.us")));
  }

  private static String whatsApp(String chat) {
    return chat.replace("@c.us", "@s.whatsapp.net");
  }
}
