package dev.profilepic.worker.sources;

import com.sun.net.httpserver.HttpExchange;
import dev.profilepic.worker.FakeBridge.Answer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/**
 * Evolution API 2.3.7: its guards in their order, Baileys' bare answers, and errors in the API's
 * own format. While an instance waits for the scan of its QR code, the API still passes questions
 * on to WhatsApp. The result is silence, or an answer without a picture.
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

  /** Makes the instance wait for the scan of its QR code. */
  FakeEvolution connecting() {
    state = "connecting";
    return this;
  }

  /** Adds a message that a person wrote under a LID. The API keeps the message with both ids. */
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

  /**
   * Answers for a LID. A LID that is not in the API's table counts as an existing account under
   * itself.
   */
  private Answer numbers(String asked) {
    var jid = whose(asked).isEmpty() ? asked : whose(asked);
    return json(200, List.of(Map.of("jid", jid, "exists", true, "number", asked, "lid", "lid")));
  }

  /** Returns the newest message of a chat. */
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
      // Without timeoutMs, Baileys resolves to undefined.
      case SILENCE -> body.path("timeoutMs").asInt(0) > 0 ? failed("Timed Out") : text(200, "");
      // WhatsApp answered without a picture.
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
