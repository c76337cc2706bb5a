package dev.profilepic.worker.bridge;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A contact as WhatsApp knows it, as far as a source named it.
 *
 * @param jid canonical id: by number, or by LID where WhatsApp names no number
 * @param lid digits of the LID that stands for the number
 */
public record Contact(@Nullable String jid, @Nullable String lid) {

  /**
   * A LID. The device behind a colon does not matter; {@code hosted.lid} is a business like any
   * other.
   */
  private static final Pattern LID =
      Pattern.compile("([0-9]{1,25})(?::[0-9]{1,6})?@(?:hosted\\.)?lid");

  /**
   * @param jid as the source wrote it; a LID counts as the contact's LID too
   * @param lid as the source wrote it; any other text counts as no LID
   */
  public static Contact of(@Nullable String jid, @Nullable String lid) {
    @Nullable String told = digits(lid);
    return new Contact(jid, told != null ? told : digits(jid));
  }

  public static Contact of(@Nullable String jid) {
    return of(jid, null);
  }

  /** Returns the digits of a LID; null for any other text. */
  private static @Nullable String digits(@Nullable String text) {
    if (text == null || text.length() > 64) {
      return null;
    }
    var lid = LID.matcher(text);
    return lid.matches() ? lid.group(1) : null;
  }
}
