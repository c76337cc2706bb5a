package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.Contact;
import dev.profilepic.worker.bridge.Lookup;
import java.io.IOException;

/**
 * WAHA. A null may be no photo, a hidden photo, no account or a failure. Without {@code refresh}
 * WAHA repeats a failure from its cache for a day.
 */
final class WahaGateway implements Gateway {

  private static final int NOT_WORKING = 422;

  @Override
  public CredentialHeader credentialHeader() {
    return new CredentialHeader("X-Api-Key", "");
  }

  @Override
  public Lookup find(Conversation gateway, Question question) throws IOException {
    var digits = question.phone().digits();
    var lookup = picture(gateway, digits + "@c.us");
    if (!(lookup instanceof Lookup.Unknown) || question.phone().otherSpelling().isEmpty()) {
      return lookup;
    }
    var reply =
        gateway.get("/api/contacts/check-exists?session=" + gateway.name() + "&phone=" + digits);
    var chat = reply.status() == 200 ? reply.json().path("chatId").asString("") : "";
    return chat.isEmpty() || chat.equals(digits + "@c.us") ? lookup : picture(gateway, chat);
  }

  @Override
  public boolean resolvesLids(Target target) {
    return true;
  }

  /** Asks WAHA's own table of LIDs; a version without that table answers 404. */
  @Override
  public LidAnswer resolve(Conversation gateway, String lid) throws IOException {
    var reply = gateway.get("/api/" + gateway.name() + "/lids/" + lid);
    return switch (reply.status()) {
      case 200 -> LidAnswer.of(reply.json().path("pn").asString(""));
      case 404 -> new LidAnswer.Unknown();
      default -> reply.lidByStatus();
    };
  }

  private static Lookup picture(Conversation gateway, String chat) throws IOException {
    var reply =
        gateway.get(
            "/api/contacts/profile-picture?refresh=true&session="
                + gateway.name()
                + "&contactId="
                + Conversation.encoded(chat));
    return switch (reply.status()) {
      case 200 -> {
        var url = reply.json().path("profilePictureURL");
        yield url.isNull()
            ? new Lookup.Unknown()
            : url.isString()
                ? Links.read(url.asString(), null, Contact.of(jid(chat)))
                : Reply.strange();
      }
      case NOT_WORKING -> new Lookup.InstanceDown("the instance is not connected");
      case 500 -> failure(reply);
      default -> byStatus(reply);
    };
  }

  private static Lookup failure(Reply reply) {
    var error = reply.json().at("/exception/message").asString("");
    return WhatsAppErrors.read(error)
        .map(lookup -> lookup instanceof Lookup.NotSet ? new Lookup.Unknown() : lookup)
        .orElseGet(() -> byStatus(reply));
  }

  /** Its errors repeat the status. */
  private static Lookup byStatus(Reply reply) {
    return reply.byStatus(
        error -> error.path("statusCode").asInt(0) == reply.status() && error.has("message"));
  }

  private static String jid(String chat) {
    return chat.replace("@c.us", "@s.whatsapp.net");
  }
}
