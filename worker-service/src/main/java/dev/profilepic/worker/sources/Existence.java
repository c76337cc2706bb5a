package dev.profilepic.worker.sources;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.worker.bridge.Lookup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Whether a phone has an account, by a gateway. A picture that is "not found" may be none, or the
 * number may have no account, or its account goes by another id: the other spelling of a Brazilian,
 * Mexican or Argentine number, or a LID.
 */
sealed interface Existence {

  /**
   * @param jid by which WhatsApp knows the account
   */
  record Known(String jid) implements Existence {}

  /** WhatsApp knows none of the spellings. */
  record Absent() implements Existence {}

  /** Nobody said. */
  record Unclear() implements Existence {}

  /** The question failed. */
  record Failed(Lookup why) implements Existence {}

  /** Asks a gateway for the picture of an id. */
  @FunctionalInterface
  interface Picture {
    Lookup of(String jid) throws IOException;
  }

  /** Asks a gateway whether a phone has an account. */
  @FunctionalInterface
  interface Account {
    Existence of(List<String> spellings) throws IOException;
  }

  /** Asks for the picture first, and for the account only where that found nothing. */
  static Lookup find(PhoneNumber phone, Picture picture, Account account) throws IOException {
    var spellings = spellings(phone);
    var asked = spellings.getFirst();
    var lookup = picture.of(asked);
    if (!(lookup instanceof Lookup.NotSet)) {
      return lookup;
    }
    return switch (account.of(spellings)) {
      case Known(var jid) when jid.equals(asked) -> new Lookup.NotSet(jid);
      case Known(var jid) -> withJid(picture.of(jid), jid);
      case Absent() -> new Lookup.NotOnWhatsapp();
      case Unclear() -> lookup;
      case Failed(var why) -> why;
    };
  }

  /** The ids that a phone may have, its own spelling first. */
  static List<String> spellings(PhoneNumber phone) {
    var jids = new ArrayList<String>();
    jids.add(phone.digits() + "@s.whatsapp.net");
    phone.otherSpelling().ifPresent(other -> jids.add(other.digits() + "@s.whatsapp.net"));
    return jids;
  }

  /** The account in an answer of Baileys' {@code onWhatsApp}; empty when none of them exists. */
  static Optional<Existence> known(JsonNode accounts) {
    for (var account : accounts) {
      if (account.path("exists").asBoolean(false) && account.path("jid").isString()) {
        return Optional.of(new Known(account.path("jid").asString()));
      }
    }
    return Optional.empty();
  }

  private static Lookup withJid(Lookup lookup, String jid) {
    return lookup instanceof Lookup.NotSet ? new Lookup.NotSet(jid) : lookup;
  }
}
