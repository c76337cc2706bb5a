package dev.profilepic.worker.sources;

import com.sun.net.httpserver.HttpExchange;
import dev.profilepic.worker.FakeBridge.Answer;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A gateway that speaks the bridge's contract: the project's own bridge, or another adapter. */
final class FakeContract extends FakeGateway {

  @Override
  protected Answer answerTo(
      String method, String path, Map<String, String> query, JsonNode body, HttpExchange exchange) {
    if (!("Bearer " + KEY).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      return json(401, Map.of("status", "unauthorized"));
    }
    if (path.matches("/instances/(%s|bridge)/lids/[0-9]+".formatted(INSTANCE)) && connected()) {
      return lid(path.substring(path.lastIndexOf('/') + 1) + "@lid");
    }
    if (path.contains("/lids/")) {
      return json(connected() ? 404 : 503, Map.of("status", "disconnected"));
    }
    // On the project's own bridge, the instance has the name that the database uses for it.
    if (!path.equals("/instances/" + INSTANCE + "/profile-picture")
        && !path.equals("/instances/bridge/profile-picture")) {
      return json(404, Map.of("status", "unknown_instance"));
    }
    if (!connected()) {
      return json(503, Map.of("status", "disconnected"));
    }
    var jid = jid(query.get("phone") + "@s.whatsapp.net");
    return jid.isEmpty() ? status("not_on_whatsapp") : picture(jid);
  }

  private Answer picture(String jid) {
    return switch (saysOf(jid)) {
      case PHOTO ->
          json(200, Map.of("status", "found", "url", photo(), "picture_id", "17", "jid", jid));
      case NONE -> status("not_set");
      case HIDDEN -> status("hidden");
      case THROTTLED -> dev.profilepic.worker.FakeBridge.throttled(60);
      case SILENCE -> json(504, Map.of("status", "no_answer"));
      case EMPTY, GARBAGE, HANG, DRIP, BROKEN -> throw new IllegalStateException();
    };
  }

  private Answer lid(String lid) {
    return json(
        200,
        whose(lid).isEmpty()
            ? Map.of("status", "unknown", "lid", lid)
            : Map.of("status", "known", "lid", lid, "jid", whose(lid)));
  }

  private static Answer status(String status) {
    return json(200, Map.of("status", status));
  }
}
