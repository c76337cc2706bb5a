package dev.profilepic.receiver.keys;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The rule for names of new keys. A name stands in the audit log and in logs, so it must not look
 * like another caller of ours, and holds no markup.
 */
final class KeyNames {

  static final String RULE =
      "must be 1 to 100 letters, digits, spaces and . _ - @ +, with a letter or digit at the"
          + " beginning";

  static final String RESERVED_RULE = "is reserved for the product itself: choose another";

  private static final Pattern SAFE =
      Pattern.compile("[\\p{IsLatin}0-9][\\p{IsLatin}0-9 ._@+-]{0,99}");

  /** The names under which we ourselves act, or are configured. */
  private static final Set<String> RESERVED =
      Set.of(
          "bootstrap",
          "webhook",
          "worker",
          "receiver",
          "bridge",
          "profile-pic",
          "profile_pic",
          "system",
          "housekeeping",
          "postgres");

  private KeyNames() {}

  /**
   * @param name without spaces around it
   */
  static boolean isSafe(String name) {
    return SAFE.matcher(name).matches()
        && name.equals(name.strip())
        && Normalizer.isNormalized(name, Normalizer.Form.NFKC);
  }

  static boolean isReserved(String name) {
    var lower = name.toLowerCase(Locale.ROOT);
    return RESERVED.contains(lower)
        || lower.startsWith("webhook:")
        || lower.startsWith("profile_pic_");
  }
}
