package dev.profilepic.receiver.webhooks;

import dev.profilepic.contract.PhoneNumber;
import java.util.Optional;
import java.util.regex.Pattern;

/** The meaning of a WhatsApp address. */
sealed interface Jid {

  /** A person by number. */
  record Phone(PhoneNumber number) implements Jid {}

  /** A person, not a broadcast, by LID: WhatsApp's id that hides the number. */
  record Lid(String lid) implements Jid {}

  /** A group, status, newsletter, broadcast, bot or business service: never a lead. */
  record NoPerson() implements Jid {}

  Pattern ADDRESS = Pattern.compile("([0-9]{1,25})(?:[:.][0-9]{1,6})*@([a-z.]{1,20})");

  /** LIDs have 13 to 15 digits; {@code is_lid} in the database has the same bound. */
  int SHORTEST_LID = 8;

  /**
   * Reads {@code 5562…@s.whatsapp.net}, {@code …@c.us}, {@code 98765…:12@lid}, {@code …@g.us}. The
   * device after the colon is ignored. {@code @hosted} and {@code @hosted.lid} are businesses whose
   * device Meta runs, and count as people. A row of digits that is too short to be a LID names no
   * person.
   *
   * @return empty when the text is no address
   */
  static Optional<Jid> parse(String text) {
    var trimmed = text.strip();
    if (trimmed.length() > 100 || trimmed.indexOf('@') < 0) {
      return Optional.empty();
    }
    var address = ADDRESS.matcher(trimmed);
    if (!address.matches()) {
      return Optional.of(new NoPerson()); // status@broadcast, 120363…-1600…@g.us and the like
    }
    return Optional.of(
        switch (address.group(2)) {
          case "s.whatsapp.net", "c.us", "hosted" -> person(address.group(1));
          case "lid", "hosted.lid" -> hidden(address.group(1));
          default -> new NoPerson();
        });
  }

  private static Jid hidden(String digits) {
    return digits.length() < SHORTEST_LID ? new NoPerson() : new Lid(digits);
  }

  /**
   * Reads a number. WhatsApp's own service addresses ("0@s.whatsapp.net") are not phone numbers.
   */
  private static Jid person(String digits) {
    try {
      return new Phone(new PhoneNumber(digits));
    } catch (IllegalArgumentException serviceAddress) {
      return new NoPerson();
    }
  }
}
