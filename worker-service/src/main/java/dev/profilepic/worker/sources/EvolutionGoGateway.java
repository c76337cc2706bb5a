package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.Contact;
import dev.profilepic.worker.bridge.Lookup;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Evolution Go. Its key belongs to one instance, so no call names an instance. All of whatsmeow's
 * errors come as 500 with their text in {@code error}; a text that is not WhatsApp's may mean no
 * photo or a failure.
 */
final class EvolutionGoGateway implements Gateway {

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
    var reply = gateway.post("/user/avatar", Map.of("number", jid, "preview", false));
    if (reply.status() != 200) {
      return failure(reply);
    }
    var picture = reply.json().path("data");
    if (!picture.isObject()) {
      return Reply.strange();
    }
    var url = text(picture, "url", "URL");
    return url == null
        ? new Lookup.Unknown()
        : Links.read(url, text(picture, "id", "ID"), Contact.of(jid));
  }

  private static Existence account(Conversation gateway, List<String> jids) throws IOException {
    var reply = gateway.post("/user/check", Map.of("number", jids, "formatJid", false));
    if (reply.status() != 200) {
      return new Existence.Failed(failure(reply));
    }
    var users = reply.json().at("/data/Users");
    if (!users.isArray() || users.isEmpty()) {
      return new Existence.Unclear();
    }
    for (var user : users) {
      var jid = text(user, "JID", "RemoteJID");
      if (user.path("IsInWhatsapp").asBoolean(false) && jid != null) {
        return new Existence.Known(Contact.of(jid, text(user, "LID", "Lid")));
      }
    }
    return new Existence.Absent();
  }

  private static Lookup failure(Reply reply) {
    if (reply.status() != 500) {
      return byStatus(reply);
    }
    var error = reply.json().path("error").asString("");
    return error.equals("no profile picture found")
        ? new Lookup.Unknown()
        : WhatsAppErrors.read(error).orElseGet(() -> byStatus(reply));
  }

  private static Lookup byStatus(Reply reply) {
    return reply.byStatus(error -> error.path("error").isString());
  }

  /**
   * Returns the first of these fields that has a text. The fields are spelt as in Go or as in JSON,
   * depending on the version.
   */
  private static @Nullable String text(JsonNode node, String... names) {
    for (var name : names) {
      var value = node.path(name).asString("");
      if (!value.isEmpty()) {
        return value;
      }
    }
    return null;
  }
}
