package dev.profilepic.receiver.webhooks;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.receiver.matching.Lids;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The person of an event: number, LID or both. For a person shown under a LID, gateways put the
 * number into one of many fields, depending on their version. All these fields are read. The suffix
 * of a value shows its kind; the name of the field does not.
 */
record Person(@Nullable PhoneNumber phone, @Nullable String lid) {

  /**
   * The fields with the conversation's own address. This address decides whether the conversation
   * is with a person at all.
   */
  private static final List<String> CHAT =
      List.of(
          "remoteJid",
          "jid",
          "JID",
          "from",
          "chatId",
          "chatid",
          "wa_chatid",
          "Chat",
          "id",
          "identifier");

  /** The fields that may hold the same person's other address. */
  private static final List<String> OTHERS =
      List.of(
          "remoteJidAlt",
          "senderPn",
          "sender_pn",
          "senderLid",
          "sender_lid",
          "previousRemoteJid",
          "participantPn",
          "participantAlt",
          "lid",
          "pn",
          "phoneNumber",
          "phone_number",
          "phone",
          "SenderAlt",
          "RecipientAlt",
          "Sender",
          "chatlid",
          "chatLid",
          "wa_chatlid");

  /**
   * Looks through the objects of an event.
   *
   * @param nodes the event's own object first, then the inner objects that may say more
   * @return empty when the event is not about a person
   */
  static Optional<Person> of(JsonNode... nodes) {
    var found = new ArrayList<Jid>();
    for (var fields : List.of(CHAT, OTHERS)) {
      for (var node : nodes) {
        for (var field : fields) {
          Jid jid = Jid.parse(address(node.path(field))).orElse(null);
          if (jid instanceof Jid.NoPerson) {
            return Optional.empty();
          }
          if (jid != null) {
            found.add(jid);
          }
        }
      }
    }
    @Nullable PhoneNumber phone = null;
    @Nullable String lid = null;
    for (var jid : found) {
      switch (jid) {
        case Jid.Phone(var number) -> phone = phone == null ? number : phone;
        case Jid.Lid(var value) -> lid = lid == null ? value : lid;
        case Jid.NoPerson() -> {}
      }
    }
    return phone == null && lid == null ? Optional.empty() : Optional.of(new Person(phone, lid));
  }

  /** Returns the same person, with the other number when this person has no number. */
  Person orPhone(Optional<PhoneNumber> other) {
    return phone != null ? this : new Person(other.orElse(null), lid);
  }

  /** Returns the mapping that the LID gets from this person, when both addresses are known. */
  Optional<Lids.Mapping> mapping(@Nullable String instance, Lids.Source source, Instant at) {
    return phone == null || lid == null
        ? Optional.empty()
        : Optional.of(new Lids.Mapping(Lids.Key.of(instance, lid), phone, source, at));
  }

  /** Reads an address, as text or inside the object that WhatsApp's web page makes of it. */
  private static String address(JsonNode node) {
    return (node.isObject() ? node.path("_serialized") : node).asString("");
  }
}
