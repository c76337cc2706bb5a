package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.Contact;
import dev.profilepic.worker.bridge.Lookup;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Evolution API 2.3. Its {@code /chat/fetchProfilePictureUrl} answers null for everything that is
 * no photo, and {@code /chat/whatsappNumbers} answers from a cache while the instance is logged
 * out. So both questions go to {@code /baileys}, which passes on WhatsApp's answer: 200 with the
 * bare answer, or 500 with the error's text in {@code response.message}.
 *
 * <p>While an instance waits for its QR code to be scanned, Evolution still passes questions on.
 * Silence and answers that say nothing are believed only while the instance is connected.
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

  @Override
  public boolean resolvesLids(Target target) {
    return true;
  }

  /**
   * Asks Evolution's table of accounts. For a LID that is not in the table, Evolution answers that
   * the LID exists, and names the LID itself. When a person writes under a LID, Evolution 2.3.7
   * notes only the number in the table, but keeps the message with LID and number.
   */
  @Override
  public LidAnswer resolve(Conversation gateway, String lid) throws IOException {
    var asked = lid + "@lid";
    var reply =
        gateway.post("/chat/whatsappNumbers/" + gateway.name(), Map.of("numbers", List.of(asked)));
    if (reply.status() != 200) {
      return reply.lidByStatus();
    }
    for (var account : reply.json()) {
      if (account.path("number").asString("").equals(asked)
          && LidAnswer.of(account.path("jid").asString("")) instanceof LidAnswer.Known known) {
        return known;
      }
    }
    return byMessages(gateway, asked);
  }

  /** Asks for the newest message of the chat, where messages are kept. */
  private static LidAnswer byMessages(Conversation gateway, String lid) throws IOException {
    var query = Map.of("where", Map.of("key", Map.of("remoteJid", lid)), "offset", 1, "page", 1);
    var reply = gateway.post("/chat/findMessages/" + gateway.name(), query);
    if (reply.status() != 200) {
      return new LidAnswer.Unknown();
    }
    var key = reply.json().at("/messages/records/0/key");
    return key.path("remoteJid").asString("").equals(lid)
        ? LidAnswer.of(key.path("remoteJidAlt").asString(key.path("senderPn").asString("")))
        : new LidAnswer.Unknown();
  }

  private static Lookup picture(Conversation gateway, String jid) throws IOException {
    var reply =
        gateway.post(
            "/baileys/profilePictureUrl/" + gateway.name(),
            Map.of("jid", jid, "type", "image", "timeoutMs", gateway.patience().toMillis()));
    if (reply.status() != 200) {
      var failure = failure(reply);
      return failure instanceof Lookup.NoAnswer ? ifConnected(gateway, failure) : failure;
    }
    // Baileys answers undefined for some pictures, which arrives as an empty body.
    var url = reply.body().length == 0 ? null : reply.json();
    if (url == null || url.isNull()) {
      return ifConnected(gateway, new Lookup.Unknown());
    }
    return url.isString() ? Links.read(url.asString(), null, Contact.of(jid)) : Reply.strange();
  }

  /** Returns the lookup as it came, unless the instance is not connected. */
  private static Lookup ifConnected(Conversation gateway, Lookup lookup) throws IOException {
    var reply = gateway.aside("/instance/connectionState/" + gateway.name());
    var state = reply.status() == 200 ? reply.json().at("/instance/state").asString("") : "";
    return state.equals("connecting") || state.equals("close")
        ? new Lookup.InstanceDown("the instance is not connected")
        : lookup;
  }

  /** Asks for one id at a time, because the call takes a single id. */
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
      return byStatus(reply);
    }
    var message = text(reply.json().at("/response/message"));
    // The instance is in its database but was not started, or is no Baileys instance.
    return message.startsWith("Cannot read properties of") || message.endsWith("is not a function")
        ? new Lookup.InstanceDown("the instance does not run at the gateway")
        : WhatsAppErrors.read(message).orElseGet(() -> byStatus(reply));
  }

  /** Its errors repeat the status, and have the text in {@code response.message}. */
  private static Lookup byStatus(Reply reply) {
    return reply.byStatus(error ->
        error.path("status").asInt(0) == reply.status() && error.path("response").has("message"));
  }

  private static String text(JsonNode message) {
    return message.isArray() ? message.path(0).asString("") : message.asString("");
  }
}
