package dev.profilepic.worker.bridge;

import org.jspecify.annotations.Nullable;

/**
 * What a batch tells of one person.
 *
 * @param jid canonical id; null where it is not known
 * @param pictureId WhatsApp's id of the picture; null unless there is one
 */
public record PictureId(
    Exists exists, Shown picture, @Nullable String pictureId, @Nullable String jid) {

  /** Whether there is an account. */
  public enum Exists {
    YES,
    NO,
    UNKNOWN
  }

  /** What WhatsApp says of the picture. A refusal is no proof: no privacy token goes along. */
  public enum Shown {
    /** There is one, and its id is told. */
    ID,
    /** It is the one whose id the question named. */
    UNCHANGED,
    NONE,
    REFUSED,
    UNKNOWN
  }
}
