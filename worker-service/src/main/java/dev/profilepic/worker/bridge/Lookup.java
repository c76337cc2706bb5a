package dev.profilepic.worker.bridge;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The result of asking the bridge for a contact's picture. */
public sealed interface Lookup {

  /**
   * @param url of the picture; expires within days
   * @param pictureId WhatsApp's id of the picture, which changes with the picture
   * @param contact null when no source named it
   */
  record Found(String url, @Nullable String pictureId, @Nullable Contact contact)
      implements Lookup {}

  /**
   * The picture itself, from a gateway that gives no link.
   *
   * @param bytes not verified yet
   */
  record Picture(byte[] bytes, @Nullable String pictureId, @Nullable Contact contact)
      implements Lookup {}

  /** The picture is the one whose id the question named. */
  record Unchanged(@Nullable Contact contact) implements Lookup {}

  record NotSet(@Nullable Contact contact) implements Lookup {}

  /**
   * @param withToken whether a privacy token went along with the question; without one WhatsApp may
   *     take us for a scraper and hide even a public photo
   */
  record Hidden(@Nullable Contact contact, boolean withToken) implements Lookup {}

  /** The gateway cannot tell "none" from "failed". */
  record Unknown() implements Lookup {}

  record NotOnWhatsapp() implements Lookup {}

  /**
   * @param retryAfter how long the instance must not be asked
   */
  record Throttled(Duration retryAfter) implements Lookup {

    private static final Duration USUAL = Duration.ofSeconds(60);
    private static final Duration LONGEST = Duration.ofHours(24);

    private static final Duration SHORTEST = Duration.ofSeconds(1);

    /**
     * @param asked as the server said; null means a minute
     */
    public static Throttled after(@Nullable Duration asked) {
      if (asked == null) {
        return new Throttled(USUAL);
      }
      var atLeast = asked.compareTo(SHORTEST) < 0 ? SHORTEST : asked;
      return new Throttled(atLeast.compareTo(LONGEST) < 0 ? atLeast : LONGEST);
    }
  }

  /** WhatsApp did not answer the bridge in time, which says nothing about the picture. */
  record NoAnswer() implements Lookup {}

  /**
   * @param why the instance cannot be asked now
   */
  record InstanceDown(String why) implements Lookup {}

  /**
   * @param why the bridge itself cannot be asked now
   */
  record BridgeDown(String why) implements Lookup {}

  /**
   * @param why the bridge can never answer this question, in its own words; a message with such a
   *     question is given up at once
   */
  record Refused(String why) implements Lookup {}
}
