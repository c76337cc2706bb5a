package dev.profilepic.worker.sources;

import dev.profilepic.contract.SourceUrlPolicy;
import dev.profilepic.worker.bridge.Contact;
import dev.profilepic.worker.bridge.ContractAnswer;
import dev.profilepic.worker.bridge.InlineImage;
import dev.profilepic.worker.bridge.Lookup;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Any endpoint that speaks the bridge's contract ({@code GET
 * URL/instances/ID/profile-picture?phone=}), or, where the url has a {@code {phone}}, any endpoint
 * that answers {@code profilePictureUrl}, {@code url} or {@code eurl}. In the second case a null
 * may mean anything.
 */
final class HttpGateway implements Gateway {

  private static final List<String> LINKS = List.of("profilePictureUrl", "url", "eurl");
  private static final List<String> WRAPPERS = List.of("data", "response");

  @Override
  public CredentialHeader credentialHeader() {
    return CredentialHeader.BEARER;
  }

  @Override
  public Lookup find(Conversation gateway, Question question) throws IOException {
    var reply = gateway.getUrl(url(gateway, question));
    return switch (reply.status()) {
      case 200 -> read(gateway, reply.json());
      case 204 -> new Lookup.Unknown();
      case 503 -> new Lookup.InstanceDown("the instance is not connected");
      default -> reply.byStatus(ContractAnswer::isBadRequest);
    };
  }

  /** Returns true only where the endpoint may speak the bridge's contract. */
  @Override
  public boolean resolvesLids(Target target) {
    return !target.url().contains("{phone}");
  }

  @Override
  public LidAnswer resolve(Conversation gateway, String lid) throws IOException {
    var reply = gateway.get("/instances/" + gateway.name() + "/lids/" + lid);
    return switch (reply.status()) {
      case 200 -> LidAnswer.of(reply.json().path("jid").asString(""));
      case 404 -> new LidAnswer.Unknown();
      default -> reply.lidByStatus();
    };
  }

  private static String url(Conversation gateway, Question question) {
    var phone = question.phone().digits();
    if (gateway.url().contains("{phone}")) {
      return SourceUrlPolicy.filled(gateway.url(), gateway.name(), phone);
    }
    return gateway.url()
        + "/instances/"
        + gateway.name()
        + "/profile-picture?phone="
        + phone
        + "&type=image"
        + (question.knownId() == null
            ? ""
            : "&known_id=" + Conversation.encoded(question.knownId()));
  }

  private static Lookup read(Conversation gateway, JsonNode answer) {
    if (!answer.isObject()) {
      return answer.isNull() ? new Lookup.Unknown() : Reply.strange();
    }
    return answer.path("status").isString() && !hasLink(answer)
        ? contract(gateway, answer)
        : found(answer);
  }

  private static Lookup contract(Conversation gateway, JsonNode answer) {
    gateway.cost(ContractAnswer.queries(answer));
    var contact = contact(answer);
    return ContractAnswer.withoutPicture(answer, contact)
        .or(() ->
            InlineImage.of(answer)
                .map(bytes -> new Lookup.Picture(bytes, text(answer, "picture_id"), contact)))
        .orElseGet(() -> found(answer));
  }

  private static Lookup found(JsonNode answer) {
    var node = answer;
    for (var wrapper : WRAPPERS) {
      node = node.path(wrapper).isObject() && !hasLink(node) ? node.path(wrapper) : node;
    }
    for (var name : LINKS) {
      @Nullable String link = text(node, name);
      if (link != null) {
        return Links.read(link, text(node, "picture_id"), contact(node));
      }
    }
    return node != answer || saysNull(node) ? new Lookup.Unknown() : Reply.strange();
  }

  private static Contact contact(JsonNode node) {
    return Contact.of(text(node, "jid"), text(node, "lid"));
  }

  private static boolean saysNull(JsonNode node) {
    return Stream.concat(LINKS.stream(), WRAPPERS.stream())
        .anyMatch(name -> node.path(name).isNull());
  }

  private static boolean hasLink(JsonNode node) {
    return LINKS.stream().anyMatch(name -> node.path(name).isString());
  }

  private static @Nullable String text(JsonNode node, String field) {
    var text = node.path(field).asString("");
    return text.isEmpty() ? null : text;
  }
}
