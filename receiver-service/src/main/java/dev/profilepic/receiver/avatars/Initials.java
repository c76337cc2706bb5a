package dev.profilepic.receiver.avatars;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A drawing in place of a missing photo: the lead's initials, or a silhouette where the CRM has no
 * name. The colour of a lead is always the same.
 */
final class Initials {

  private static final String SILHOUETTE =
      "<g fill=\"#fff\" fill-opacity=\".85\"><circle cx=\"48\" cy=\"37\" r=\"16\"/><path d=\"M16 86a32 28 0 0 1 64 0z\"/></g>";
  private static final String LETTERS =
      "<text x=\"48\" y=\"50\" fill=\"#fff\" font-family=\"sans-serif\" font-size=\"36\" text-anchor=\"middle\" dominant-baseline=\"middle\">%s</text>";

  private Initials() {}

  /**
   * @param name as the CRM has it; empty where the CRM has no name
   */
  static byte[] svg(String leadId, String name) {
    // Golden-angle steps keep neighbouring leads apart in hue.
    var hue = Math.floorMod(leadId.hashCode() * 137L, 360L);
    var initials = of(name);
    return """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" role="img" aria-label="no photo">
    <rect width="96" height="96" fill="hsl(%d 45%% 42%%)"/>
    %s
    </svg>
    """
        .formatted(hue, initials.isEmpty() ? SILHOUETTE : LETTERS.formatted(initials))
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Returns the first letters of the first and the last word; only letters, so nothing needs
   * escaping.
   */
  private static String of(String name) {
    var letters =
        Arrays.stream(name.strip().split("\\s+"))
            .filter(word -> !word.isEmpty() && Character.isLetter(word.codePointAt(0)))
            .map(word -> Character.toString(word.codePointAt(0)).toUpperCase(Locale.ROOT))
            .collect(Collectors.toList());
    return letters.size() < 2 ? String.join("", letters) : letters.getFirst() + letters.getLast();
  }
}
