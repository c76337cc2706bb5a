package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.Lookup;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Evolution API 2.3. Its {@code /chat/fetchProfilePictureUrl} answers null for all that is no
 * photo, and {@code /chat/whatsappNumbers} answers from a cache while the instance is logged out;
 * so both questions go to {@code /baileys}, which passes on what WhatsApp said: 200 with the bare
 * answer, or 500 with the error's text in {@code response.message}.
 */
final class EvolutionGateway implements Gateway {

  @Override
  public CredentialHeader credentialHeader() {
    return new CredentialHeader("apikey", "");
  }

  @Override
  public Lookup find(Conversation gateway, Question question) throws IOException {
    return Existence.find(
        question.phone(), jid -> picture(gateway, jid), jids -> account(gateway, jids));
  }

  private static Lookup picture(Conversation gateway, String jid) throws IOException {
    var reply =
        gateway.post(
            "/baileys/profilePictureUrl/" + gateway.name(),
            Map.of("jid", jid, "type", "image", "timeoutMs", gateway.patience().toMillis()));
    if (reply.status() != 200) {
      return failure(reply);
    }
    // Baileys answers undefined for some pictures, which arrives as an empty body.
    var url = reply.body().length == 0 ? null : reply.json();
    if (url == null || url.isNull()) {
      return new Lookup.Unknown();
    }
    return url.isString() ? Links.read(url.asString(), null, jid) : Reply.strange();
  }

  /** One at a time: the call takes a single id. */
  private static Existence account(Conversation gateway, List<String> jids) throws IOException {
    for (var jid : jids) {
      var reply = gateway.post("/baileys/onWhatsapp/" + gateway.name(), Map.of("jid", jid));
      if (reply.status() != 200) {
        return new Existence.Failed(failure(reply));
      }
      var accounts = reply.body().length == 0 ? null : reply.json();
      if (accounts == null || !accounts.isArray()) {
        return new Existence.Unclear();
      }
      var known = Existence.known(accounts);
      if (known.isPresent()) {
        return known.get();
      }
    }
    return new Existence.Absent();
  }

  private static Lookup failure(Reply reply) {
    if (reply.status() != 500) {
      return reply.byStatus();
    }
    var message = text(reply.json().at("/response/message"));
    // It has the instance in its database, but did not start it, or it is no Baileys instance.
    return message.startsWith("Cannot read properties of") || message.endsWith("is not a function")
        ? new Lookup.InstanceDown("the instance does not run at the gateway")
        : WhatsAppErrors.read(message).orElseGet(reply::byStatus);
  }

  private static String text(JsonNode message) {
    return message.isArray() ? message.path(0).asString("") : message.asString("");
  }
}
