package dev.profilepic.worker.sources;

import com.sun.net.httpserver.HttpExchange;
import dev.profilepic.worker.FakeBridge.Answer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/**
 * Evolution API 2.3.7: its guards in their order, Baileys' bare answers, errors as it wraps them.
 * While an instance waits for its QR code to be scanned, it passes questions on to WhatsApp all the
 * same: what comes back is silence, or an answer without a picture.
 */
final class FakeEvolution extends FakeGateway {

  private final Map<String, String> written = new ConcurrentHashMap<>();
  private volatile String state = "open";

  @Override
  void reset() {
    super.reset();
    written.clear();
    state = "open";
  }

  /** The instance waits for its QR code to be scanned. */
  FakeEvolution connecting() {
    state = "connecting";
    return this;
  }

  /** Somebody wrote under a LID: the message that it keeps has both ids. */
  FakeEvolution wrote(String lid, String jid) {
    written.put(lid, jid);
    return this;
  }

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
    if (call.equals("/instance/connectionState") && method.equals("GET")) {
      var connection = connected() ? state : "close";
      return json(200, Map.of("instance", Map.of("instanceName", INSTANCE, "state", connection)));
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
      case "/chat/whatsappNumbers" -> numbers(body.path("numbers").path(0).asString(""));
      case "/chat/findMessages" -> messages(body.at("/where/key/remoteJid").asString(""));
      default -> error(404, "Not Found", List.of("Cannot POST " + path));
    };
  }

  /** A LID that is not in its table counts as one that exists, under itself. */
  private Answer numbers(String asked) {
    var jid = whose(asked).isEmpty() ? asked : whose(asked);
    return json(200, List.of(Map.of("jid", jid, "exists", true, "number", asked, "lid", "lid")));
  }

  /** The newest message of a chat. */
  private Answer messages(String remoteJid) {
    var jid = written.get(remoteJid);
    var records =
        jid == null
            ? List.of()
            : List.of(
                Map.of(
                    "key",
                    Map.of("remoteJid", remoteJid, "remoteJidAlt", jid, "addressingMode", "lid")));
    return json(200, Map.of("messages", Map.of("total", records.size(), "records", records)));
  }

  private Answer picture(String jid, JsonNode body) {
    return switch (saysOf(jid)) {
      case PHOTO -> json(200, photo());
      case NONE -> failed("item-not-found");
      case HIDDEN -> failed("not-authorized");
      case THROTTLED -> failed("rate-overlimit");
      // Without timeoutMs Baileys resolves undefined.
      case SILENCE -> body.path("timeoutMs").asInt(0) > 0 ? failed("Timed Out") : text(200, "");
      // WhatsApp answered without a picture in it.
      case EMPTY -> text(200, "");
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
