package dev.profilepic.worker.sources;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.worker.bridge.Contact;
import dev.profilepic.worker.bridge.Lookup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A gateway's answer to the question whether a phone has an account. When a picture is "not found",
 * there may be no picture, or the number may have no account, or its account may go by another id:
 * the other spelling of a Brazilian, Mexican or Argentine number, or a LID.
 */
sealed interface Existence {

  /**
   * @param contact the account; its jid is never null
   */
  record Known(Contact contact) implements Existence {
    String jid() {
      return Objects.requireNonNull(contact.jid());
    }
  }

  /** WhatsApp knows no account under any of the spellings. */
  record Absent() implements Existence {}

  /** The gateway did not say. */
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

  /** Asks for the picture first, and for the account only when no picture was found. */
  static Lookup find(PhoneNumber phone, Picture picture, Account account) throws IOException {
    var spellings = spellings(phone);
    var asked = spellings.getFirst();
    var lookup = picture.of(asked);
    if (!(lookup instanceof Lookup.NotSet)) {
      return lookup;
    }
    return switch (account.of(spellings)) {
      case Known known when known.jid().equals(asked) -> new Lookup.NotSet(known.contact());
      case Known known -> with(known.contact(), picture.of(known.jid()));
      case Absent() -> new Lookup.NotOnWhatsapp();
      case Unclear() -> lookup;
      case Failed(var why) -> why;
    };
  }

  /** Returns the ids that a phone may have, its own spelling first. */
  static List<String> spellings(PhoneNumber phone) {
    var jids = new ArrayList<String>();
    jids.add(phone.digits() + "@s.whatsapp.net");
    phone.otherSpelling().ifPresent(other -> jids.add(other.digits() + "@s.whatsapp.net"));
    return jids;
  }

  /**
   * Returns the account in an answer of Baileys' {@code onWhatsApp}; empty when no account exists.
   */
  static Optional<Existence> known(JsonNode accounts) {
    for (var account : accounts) {
      if (account.path("exists").asBoolean(false) && account.path("jid").isString()) {
        return Optional.of(
            new Known(
                Contact.of(account.path("jid").asString(), account.path("lid").asString(""))));
      }
    }
    return Optional.empty();
  }

  private static Lookup with(Contact contact, Lookup lookup) {
    return switch (lookup) {
      case Lookup.NotSet _ -> new Lookup.NotSet(contact);
      case Lookup.Hidden(_, var withToken) -> new Lookup.Hidden(contact, withToken);
      case Lookup.Found(var url, var pictureId, _) -> new Lookup.Found(url, pictureId, contact);
      case Lookup.Picture(var bytes, var pictureId, _) ->
          new Lookup.Picture(bytes, pictureId, contact);
      case Lookup.Unchanged _,
          Lookup.NotOnWhatsapp _,
          Lookup.Unknown _,
          Lookup.Throttled _,
          Lookup.NoAnswer _,
          Lookup.InstanceDown _,
          Lookup.BridgeDown _,
          Lookup.Refused _ ->
          lookup;
    };
  }
}
