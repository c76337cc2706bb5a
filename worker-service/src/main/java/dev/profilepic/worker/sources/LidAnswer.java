package dev.profilepic.worker.sources;

import dev.profilepic.contract.PhoneNumber;
import java.util.Optional;
import java.util.regex.Pattern;

/** The result of asking a source to whom a LID belongs. */
public sealed interface LidAnswer {

  record Known(PhoneNumber phone) implements LidAnswer {}

  /** The source has not seen the number, or cannot tell. It may know the number later. */
  record Unknown() implements LidAnswer {}

  /**
   * @param why the source could not be asked now
   */
  record Down(String why) implements LidAnswer {}

  Pattern BY_NUMBER =
      Pattern.compile("([1-9][0-9]{7,14})(?::[0-9]{1,6})?@(?:s\\.whatsapp\\.net|c\\.us|hosted)");

  /**
   * Reads an id of WhatsApp, in any gateway's spelling.
   *
   * @return {@link Unknown} unless the id names a number
   */
  static LidAnswer of(String jid) {
    return Optional.of(BY_NUMBER.matcher(jid))
        .filter(matcher -> jid.length() <= 64 && matcher.matches())
        .<LidAnswer>map(matcher -> new Known(new PhoneNumber(matcher.group(1))))
        .orElseGet(Unknown::new);
  }
}
