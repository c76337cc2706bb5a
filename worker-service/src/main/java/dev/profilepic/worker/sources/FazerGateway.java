package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.Contact;
import dev.profilepic.worker.bridge.Lookup;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * fazer-ai/baileys-api. It names an instance by its number with a plus, answers 404 for no picture,
 * and 500 with the error's bare text. While WhatsApp is silent, the gateway sends nothing until Bun
 * cuts the connection.
 */
final class FazerGateway implements Gateway {

  private static final int NOT_FOUND = 404;
  private static final String NO_PICTURE = "Profile picture not found";

  @Override
  public CredentialHeader credentialHeader() {
    return new CredentialHeader("x-api-key", "");
  }

  @Override
  public Lookup find(Conversation gateway, Question question) throws IOException {
    return Existence.find(
        question.phone(), jid -> picture(gateway, jid), jids -> account(gateway, jids));
  }

  private static Lookup picture(Conversation gateway, String jid) throws IOException {
    var reply =
        gateway.get(
            connection(gateway)
                + "/profile-picture-url?type=image&jid="
                + Conversation.encoded(jid));
    if (reply.status() == NOT_FOUND && reply.text().equals(NO_PICTURE)) {
      return new Lookup.NotSet(null);
    }
    if (reply.status() != 200) {
      return failure(reply);
    }
    var data = reply.json().path("data");
    var url = data.path("profilePictureUrl");
    if (url.isNull()) {
      return new Lookup.Unknown();
    }
    return url.isString() ? Links.read(url.asString(), null, Contact.of(jid)) : Reply.strange();
  }

  private static Existence account(Conversation gateway, List<String> jids) throws IOException {
    var reply = gateway.post(connection(gateway) + "/on-whatsapp", Map.of("jids", jids));
    if (reply.status() != 200) {
      return new Existence.Failed(failure(reply));
    }
    var answer = reply.json();
    var accounts = answer.isArray() ? answer : answer.path("data");
    if (!accounts.isArray()) {
      return new Existence.Unclear();
    }
    return Existence.known(accounts).orElseGet(Existence.Absent::new);
  }

  private static Lookup failure(Reply reply) {
    return reply.status() == 500
        ? WhatsAppErrors.read(reply.text()).orElseGet(() -> byStatus(reply))
        : byStatus(reply);
  }

  /** Only its validation, which comes before any handler, answers a wrong question with JSON. */
  private static Lookup byStatus(Reply reply) {
    return reply.byStatus(error -> error.path("type").asString("").equals("validation"));
  }

  private static String connection(Conversation gateway) {
    var name = gateway.rawName();
    return "/connections/" + Conversation.encoded(name.matches("[0-9]+") ? "+" + name : name);
  }
}
